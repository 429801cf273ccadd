/* sounder for C, and for every language that can call C: echo requests, monitors, outcomes and network changes from the
 * running daemon, without privileges. The handles are those of the C++ library (session.h), whose comments have the
 * rules; what is said here is what C adds.
 *
 * A session has a thread of its own, on which all its callbacks run, one at a time. Functions may be called from any
 * thread. A function that returns an int returns 0, or why it failed: a sounder_error, or the system's error number,
 * negated. Strings and arrays in what a callback is given are the library's, and valid until it returns.
 */
#ifndef SOUNDER_SOUNDER_H
#define SOUNDER_SOUNDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef SOUNDER_API
#define SOUNDER_API
#endif

typedef enum sounder_error {
  SOUNDER_NOT_CONNECTED = 1,
  SOUNDER_CONNECTION_LOST = 2,
  SOUNDER_TOO_MANY_WAITING = 3,
  SOUNDER_LIMIT = 4,
  SOUNDER_NOT_PERMITTED = 5,
  SOUNDER_INVALID = 6,
  SOUNDER_VERSION = 7,
  SOUNDER_PROTOCOL = 8,
  SOUNDER_FORKED = 9,
  SOUNDER_WOULD_DEADLOCK = 10,
  SOUNDER_ABORTED = 11, /* the session ended first */
  SOUNDER_NO_MEMORY = 12
} sounder_error;

/* The text of what a function returned; valid until the thread asks again. */
SOUNDER_API const char* sounder_error_text(int error);

/* family: 4 or 6, or 0 for none; bytes: 4 or 16 of them, in the order of the network; scope: the interface's index of a
 * scoped IPv6 address. */
typedef struct sounder_address {
  uint8_t family;
  uint8_t bytes[16];
  uint32_t scope;
} sounder_address;

/* "192.0.2.1", "2001:db8::1", "fe80::1%2". SOUNDER_INVALID if it is no address. */
SOUNDER_API int sounder_address_parse(const char* text, sounder_address* address);
/* Writes at most `size` bytes, the final zero included; gives the length of the whole text. */
SOUNDER_API size_t sounder_address_format(const sounder_address* address, char* text, size_t size);

/* ---- Sessions: IcmpCreateFile, IcmpCloseHandle ---- */

typedef struct sounder_session sounder_session;

/* path: of the daemon's socket or pipe; program: for people who look at the daemon's clients. Both may be NULL. Does
 * not wait for the daemon: what needs it does. */
SOUNDER_API int sounder_open(const char* path, const char* program, sounder_session** session);
/* Waits until there is a connection, or an attempt at one has failed. */
SOUNDER_API int sounder_ready(sounder_session* session);
/* Waits for a callback that runs on the session's thread, unless this is it, and for nothing else. NULL is allowed. */
SOUNDER_API void sounder_close(sounder_session* session);

/* ---- Echo requests: IcmpSendEcho2Ex ---- */

typedef enum sounder_outcome_kind {
  SOUNDER_REPLY = 0,
  SOUNDER_TIMEOUT = 1,
  SOUNDER_ICMP_ERROR = 2,
  SOUNDER_LOCAL_DROP = 3,
  SOUNDER_SEND_FAILED = 4,
  SOUNDER_SLIPPED = 5,
  SOUNDER_REFUSED = 6
} sounder_outcome_kind;

SOUNDER_API const char* sounder_outcome_name(uint8_t kind);

typedef struct sounder_echo_request {
  sounder_address to;
  sounder_address source;   /* family 0: as routed */
  uint32_t timeout_us;      /* 1,000 to 60,000,000 */
  uint32_t interface_index; /* 0: as routed */
  uint16_t size;            /* data bytes, at most 65,507 */
  uint8_t ttl;              /* 1 to 255 */
  uint8_t dscp;             /* 0 to 63 */
  uint8_t dont_fragment;    /* 0 or 1 */
  uint8_t accept_foreign;   /* 0 or 1 */
} sounder_echo_request;

/* 2 s, 56 bytes, a TTL of 64, as routed. */
SOUNDER_API void sounder_echo_defaults(sounder_echo_request* request);

typedef struct sounder_outcome {
  uint64_t rtt_ns;      /* of SOUNDER_REPLY */
  uint64_t count;       /* of SOUNDER_SLIPPED: due times in a row; else 1 */
  sounder_address from; /* who sent an ICMP error */
  uint16_t size;        /* of SOUNDER_REPLY: data bytes that came back */
  uint8_t kind;         /* sounder_outcome_kind */
  uint8_t send_failure; /* of SOUNDER_SEND_FAILED: SendFailure of outcome.h */
  uint8_t icmp_type;
  uint8_t icmp_code;
  uint8_t ttl;      /* of SOUNDER_REPLY; 0: not known */
  uint8_t tx_stamp; /* of SOUNDER_REPLY: 1 the kernel's, 2 the daemon's */
  uint8_t rx_stamp;
} sounder_outcome;

/* Waits for the outcome. */
SOUNDER_API int sounder_echo(sounder_session* session, const sounder_echo_request* request, sounder_outcome* outcome);

/* `error` as from a function; `outcome` means something if that is 0. */
typedef void (*sounder_echo_callback)(void* context, int error, const sounder_outcome* outcome);
/* Returns at once; `callback` runs once, whatever happens, unless this fails. */
SOUNDER_API int sounder_echo_start(sounder_session* session, const sounder_echo_request* request,
                                   sounder_echo_callback callback, void* context);

/* ---- Registrations: Notify…Change, CancelMibChangeNotify2 ---- */

typedef struct sounder_registration sounder_registration;

/* Ends a registration and frees its handle. After it no callback runs or begins, unless it was called in the callback
 * itself. NULL is allowed. Registrations may be cancelled after sounder_close(). */
SOUNDER_API void sounder_cancel(sounder_registration* registration);

typedef enum sounder_object { SOUNDER_INTERFACE = 1, SOUNDER_ADDRESS = 2, SOUNDER_ROUTE = 4 } sounder_object;

typedef enum sounder_watch_kind {
  SOUNDER_SNAPSHOT_BEGINS = 0,
  SOUNDER_SNAPSHOT_ENDS = 1,
  SOUNDER_CHANGED = 2,
  SOUNDER_GONE = 3,
  SOUNDER_MISSED = 4,
  SOUNDER_WATCH_REFUSED = 5
} sounder_watch_kind;

#define SOUNDER_UNKNOWN UINT64_MAX

typedef struct sounder_watch_event {
  uint8_t kind;     /* sounder_watch_kind */
  uint8_t object;   /* of SOUNDER_CHANGED and SOUNDER_GONE: sounder_object; else 0 */
  int error;        /* of SOUNDER_WATCH_REFUSED */
  const char* text; /* of SOUNDER_WATCH_REFUSED: what there is to say about it */
  uint64_t missed;  /* of SOUNDER_MISSED; SOUNDER_UNKNOWN if nobody knows how many */
  uint32_t interface_index;
  const char* name; /* of an interface */
  uint8_t up, carrier, loopback;
  uint32_t mtu;
  sounder_address address; /* of an address; a route's destination */
  uint8_t prefix_length;
  uint8_t usable;          /* of an address */
  uint32_t table, metric;  /* of a route */
  sounder_address gateway; /* of a route; family 0: on the link */
  uint8_t route_kind;      /* RouteKind of network.h */
  uint8_t link_down;
  sounder_address preferred_source;
} sounder_watch_event;

typedef void (*sounder_watch_callback)(void* context, const sounder_watch_event* event);

/* objects: sounder_object, added up; edge: 0 for the newest state of each after a snapshot, 1 for every single change.
 */
SOUNDER_API int sounder_watch(sounder_session* session, unsigned objects, int edge, sounder_watch_callback callback,
                              void* context, sounder_registration** registration);

typedef enum sounder_batch_kind {
  SOUNDER_OUTCOMES = 0,
  SOUNDER_OUTCOMES_MISSED = 1, /* the connection was lost and is there again */
  SOUNDER_OUTCOMES_REFUSED = 2
} sounder_batch_kind;

typedef struct sounder_monitor_totals {
  uint64_t due, reply, timeout, icmp_error, local_drop, send_failed, slipped;
  uint64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns, jitter_ns;
} sounder_monitor_totals;

typedef struct sounder_monitor_batch {
  uint8_t kind;     /* sounder_batch_kind */
  int error;        /* of SOUNDER_OUTCOMES_REFUSED */
  const char* text; /* of SOUNDER_OUTCOMES_REFUSED */
  uint64_t missed;  /* outcomes that found no room before these */
  uint64_t first;   /* the number of the first of these */
  size_t count;
  const sounder_outcome* outcomes;
  sounder_monitor_totals totals;
} sounder_monitor_batch;

typedef void (*sounder_monitor_callback)(void* context, const sounder_monitor_batch* batch);

/* every_us: 10,000 to 3,600,000,000; keep: 1 to 64 outcomes are kept by the daemon while the callback does not return.
 */
SOUNDER_API int sounder_monitor(sounder_session* session, const sounder_echo_request* request, uint32_t every_us,
                                uint8_t keep, sounder_monitor_callback callback, void* context,
                                sounder_registration** registration);

typedef struct sounder_target_outcome {
  const char* group;
  const char* target;
  const char* address;
  uint64_t sequence;
  sounder_outcome outcome;
} sounder_target_outcome;

typedef struct sounder_outcomes_batch {
  uint8_t kind;     /* sounder_batch_kind */
  int error;        /* of SOUNDER_OUTCOMES_REFUSED */
  const char* text; /* of SOUNDER_OUTCOMES_REFUSED */
  uint64_t missed;
  uint64_t first;
  size_t count;
  const sounder_target_outcome* outcomes;
} sounder_outcomes_batch;

typedef void (*sounder_outcomes_callback)(void* context, const sounder_outcomes_batch* batch);

/* Of the daemon's configured targets: of all (both NULL), of a group, or of the targets of one name in a group. */
SOUNDER_API int sounder_outcomes(sounder_session* session, const char* group, const char* target,
                                 sounder_outcomes_callback callback, void* context,
                                 sounder_registration** registration);

#ifdef __cplusplus
}
#endif

#endif
