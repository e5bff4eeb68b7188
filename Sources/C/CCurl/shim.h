// libcurl for Swift: its option functions are variadic, which Swift cannot call, so each argument type gets a wrapper.
#pragma once

// Swift's importer cannot use the statements that the header's type-checking macros expand to.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

typedef size_t (*nocturne_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode nocturne_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_set_large(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_set_callback(
    CURL *handle, CURLoption option, nocturne_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nocturne_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode nocturne_curl_get_large(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode nocturne_curl_get_text(CURL *handle, CURLINFO info, const char **value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode nocturne_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

// A message's result is a member of a C union, which Swift cannot read safely.
static inline CURLcode nocturne_curl_message_result(const CURLMsg *message) { return message->data.result; }
