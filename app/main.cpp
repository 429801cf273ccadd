// The `sounder` executable.
#include "app/commands.h"

int main(int argc, char** argv) { return sounder::app::run_command_line(argc, argv); }
