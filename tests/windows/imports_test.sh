# What sounder.exe asks Windows for, against the committed list; sourced.

lists_differ() { ! "$windows_tests/imports" "$1" "$2" >/dev/null 2>&1; }

test_imports() {
  local list=$windows_tests/imports.txt
  check imports.are_as_listed "DLLs or symbols differ, as shown" "$windows_tests/imports" "$build/app/sounder.exe" "$list"
  # A check that takes any list, or any file, would prove nothing.
  check imports.refuses_another_list "it takes an empty list" lists_differ "$build/app/sounder.exe" /dev/null
  check imports.refuses_what_is_no_program "it takes a script for a program" lists_differ "$windows_tests/imports" /dev/null
}
