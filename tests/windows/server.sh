# Wine's server, in the namespace `wine`; sourced.

# icmpv6_server FILE: a copy of Wine 8's server that lets a program have raw ICMPv6 sockets. Its get_unix_protocol() knows
# IPPROTO_RAW, which we do not need, and not IPPROTO_ICMPV6: one comparison and one result are exchanged. For tests, on
# this machine alone. Fails, and makes nothing, unless the 13 bytes are there exactly once.
icmpv6_server() {
  local from='\xc7\x04\x24\xff\x00\x00\x00\x81\xfd\xff\x00\x00\x00' to='\xc7\x04\x24\x3a\x00\x00\x00\x81\xfd\x3a\x00\x00\x00'
  perl -0777 -e '
    my ($from, $to, $source, $copy) = @ARGV;
    s/\\x(..)/chr(hex($1))/ge for $from, $to;
    open(my $in, "<:raw", $source) or exit 1;
    my $bytes = <$in>;
    my $count = () = $bytes =~ /\Q$from\E/g;
    exit 1 unless $count == 1;
    $bytes =~ s/\Q$from\E/$to/;
    open(my $out, ">:raw", $copy) or exit 1;
    print $out $bytes or exit 1;
    close($out) or exit 1;
    chmod(0755, $copy);' "$from" "$to" /usr/lib/wine/wineserver64 "$1"
}

# start_server PROGRAM [COMMAND...]: PROGRAM is the server, COMMAND what it is run with (setpriv). The first program that
# it starts, and all that Windows runs in the background with it, must not hold our output open.
start_server() {
  local program=$1
  shift
  ip netns exec wine "$@" "$program" -p </dev/null >/dev/null 2>&1
  SOUNDER_WINE_SECONDS=120 "$windows_tests/wine" cmd /c exit </dev/null >/dev/null 2>&1
}

stop_server() {
  ip netns exec wine "$server" -k </dev/null >/dev/null 2>&1 || true
  ip netns exec wine "$server" -w </dev/null >/dev/null 2>&1 || true
}

# new_prefix FOLDER SERVER: a fresh one, as Windows 10. The folder must be there before the server is.
new_prefix() {
  mkdir -p "$1"
  export WINEPREFIX=$1
  server=$2
  start_server "$server"
  "$windows_tests/wine" winecfg /v win10 </dev/null >/dev/null 2>&1
}
