// libpq, PostgreSQL's C library. Only PostgresClient imports it.
#pragma once

#include <libpq-fe.h>
#include <poll.h>

// By default libpq prints the server's notices on stderr, which belongs to the tool's own log.
static void cpq_ignore_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}

static inline void cpq_silence_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, cpq_ignore_notice, 0);
}

// Swift does not import the field codes, which are character constants in macros.
static inline const char *cpq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *cpq_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
static inline const char *cpq_detail(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
}
static inline const char *cpq_hint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
}
static inline const char *cpq_position(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
}
static inline const char *cpq_context(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONTEXT);
}
