/* A ping without privileges, in C: the running daemon sends the requests. ping ADDRESS [COUNT] */
#include <stdio.h>
#include <stdlib.h>

#include <sounder/sounder.h>

int main(int argc, char** argv) {
  const char* to = argc > 1 ? argv[1] : "127.0.0.1";
  sounder_session* session = NULL;
  sounder_echo_request request;
  sounder_outcome outcome;
  int error;
  sounder_echo_defaults(&request);
  error = sounder_address_parse(to, &request.to);
  if (error == 0) error = sounder_open(NULL, "ping in C", &session);
  for (int left = argc > 2 ? atoi(argv[2]) : 4; error == 0 && left > 0; --left) {
    error = sounder_echo(session, &request, &outcome);
    if (error == 0) printf("%s: %s, %.3f ms\n", to, sounder_outcome_name(outcome.kind), (double)outcome.rtt_ns / 1e6);
  }
  if (error != 0) fprintf(stderr, "%s: %s\n", to, sounder_error_text(error));
  sounder_close(session);
  return error != 0;
}
