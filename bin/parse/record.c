#include "config.h"

#include "parse/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/number.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/utc.h"
#include "parse/client.h"
#include "parse/purpose.h"
#include "parse/request.h"
#include "parse/unescape.h"

/*
 * What is decoded of a line of n bytes: every field (n), the path (n), the
 * names (lower case and encoded: 4 n) and values of arguments and cookies
 * (2 n); and text_encode()'s slack.
 */
#define SCRATCH(n) (8 * (n) + 4096)

/*
 * Is the value of that slot, once it is there, checked to be short and of
 * bytes that the map takes as they stand?
 */
static bool
is_short(const struct plan *plan, int slot)
{
	if (slot >= (int)plan->layout.nfields)
		return slot == (int)plan->layout.nfields + PLAN_METHOD ||
		       slot == (int)plan->layout.nfields + PLAN_PROTOCOL ||
		       slot == (int)plan->layout.nfields + PLAN_PREFETCH;
	switch (plan->layout.field[slot].type) {
	case LAYOUT_STATUS:
	case LAYOUT_BYTES:
	case LAYOUT_ADDRESS:
	case LAYOUT_DIGITS:
	case LAYOUT_DECIMAL:
		return true;
	default:
		return false;
	}
}

/* In the order of the fields, whatever a common line's steps check, for of two
 * faults the first is the reason. */
static void
add_checks(struct record *rec)
{
	const struct layout *l = &rec->plan->layout;
	struct record_check c;
	unsigned i;

	for (i = 0; i < l->nfields; i++) {
		if (!is_short(rec->plan, (int)i))
			continue;
		c = (struct record_check){ i, l->field[i].type };
		rec->check[rec->nchecks++] = c;
		if (rec->common != NULL && !quick_checks(rec->common, i))
			rec->quick_check[rec->nquick++] = c;
	}
}

static const struct plan_globs *
globs_of(const struct plan *plan, const struct plan_put *put)
{
	return put->kind == PLAN_PUT_ARGS ? &plan->arg_globs
					  : &plan->cookie_globs;
}

static void
add_puts(struct record *rec)
{
	const struct plan *plan = rec->plan;
	const struct plan_put *put;
	struct record_put *own;
	size_t i;

	rec->put = xcalloc(plan->nputs + 1, sizeof(*rec->put));
	for (i = 0; i < plan->nputs; i++) {
		put = &plan->put[i];
		own = &rec->put[rec->nputs];
		/* What the format logs as $arg_NAME is not in args. */
		*own = (struct record_put){
			.kind = put->kind == PLAN_PUT_ARGS &&
					globs_of(plan, put)->nslots == 0
				    ? RECORD_PUT_ARGS
				    : RECORD_PUT_FAMILY,
			.key_n = (unsigned)put->key.n,
			.key = put->key.p,
			.val = &rec->none,
			.plan = put
		};
		if (put->slot != PLAN_NONE)
			own->val = &rec->val[put->slot];
		if (put->kind == PLAN_PUT_VALUE)
			own->kind = is_short(plan, put->slot) ? RECORD_PUT_SHORT
							      : RECORD_PUT_TEXT;
		else if (put->slot == PLAN_NONE &&
			 globs_of(plan, put)->nslots == 0)
			continue;
		rec->nputs++;
	}
}

/* The column's text, which is encoded. */
static void
set_host(struct record *rec, struct slice text)
{
	memcpy(rec->host_text, text.p, text.n);
	rec->host = slice_of(rec->host_text, text.n);
}

static const struct slice *
slot_of(const struct record *rec, int slot)
{
	return slot == PLAN_NONE ? &rec->none : &rec->val[slot];
}

struct record *
record_new(const struct plan *plan, struct rules *rules)
{
	struct record *rec = xcalloc(1, sizeof(*rec));

	rec->plan = plan;
	rec->rules = rules;
	rec->derived = &rec->val[plan->layout.nfields];
	rec->scan = scan_best();
	rec->common = quick_new(plan, rec->scan);
	rec->split = split_new(&plan->layout, rec->scan);
	rec->user = user_new(plan);
	when_init(&rec->when);
	hash_key_random(&rec->hash);
	add_checks(rec);
	add_puts(rec);
	rec->method = slot_of(rec, plan->method);
	rec->uri = slot_of(rec, plan->uri);
	rec->status = slot_of(rec, plan->status);
	rec->most = plan->key_bytes +
		    (size_t)2 * RECORD_CHOSEN * sizeof("&cookie_=") +
		    TEXT_GROWTH * HOST_MAX + 512;
	set_host(rec, plan->default_host);
	if (plan->host == PLAN_NONE && !slice_is(rec->host, EV_NULL))
		rec->host_fact = rec->host;
	return rec;
}

void
record_free(struct record *rec)
{
	if (rec == NULL)
		return;
	quick_free(rec->common);
	split_free(rec->split);
	user_free(rec->user);
	free(rec->put);
	free(rec->scratch);
	free(rec);
}

static void
reset(struct record *rec, size_t n)
{
	size_t want = SCRATCH(n) + SCAN_PAD;

	if (want > rec->scratch_n) {
		rec->scratch = xgrow(rec->scratch, &rec->scratch_n, want, 1);
		/* Vectors load behind what was written. */
		memset(rec->scratch, 0, rec->scratch_n);
	}
	rec->next = rec->scratch;
	rec->npairs = rec->nchosen = 0;
}

/* Fields as they stand in the line into values. */
static enum reason
decode_fields(struct record *rec)
{
	const struct layout *l = &rec->plan->layout;
	enum reason reason;
	struct slice *v;
	size_t n;
	unsigned i;

	for (i = 0; i < l->nfields; i++) {
		v = &rec->val[i];
		if (v->p == NULL)
			continue;
		if (rec->scan->clean(v->p, v->n)) {
			/* In one that does not end at a quote. */
			if (v->n > 0 && memchr(v->p, '"', v->n) != NULL)
				return REASON_QUOTE;
			continue;
		}
		reason = unescape(rec->next, &n, *v, l->escape);
		if (reason != REASON_NONE)
			return reason;
		*v = slice_of(rec->next, n);
		rec->next += n;
	}
	return REASON_NONE;
}

static inline bool
all_digits(struct slice s)
{
	if (s.n <= 16)
		return s.n > 0 && scan_digits16(s.p, s.n);
	return s.n <= NUMBER_MAX && scan_digits16(s.p, 16) &&
	       scan_digits16(s.p + 16, s.n - 16);
}

static bool
is_decimal(struct slice s)
{
	const char *dot = s.n > 0 ? memchr(s.p, '.', s.n) : NULL;
	size_t whole;

	if (dot == NULL)
		return all_digits(s);
	whole = (size_t)(dot - s.p);
	return all_digits(slice_of(s.p, whole)) &&
	       all_digits(slice_of(dot + 1, s.n - whole - 1));
}

/* Do the typed fields, by the n checks at c, hold what their types do? */
static enum reason
check_types(struct record *rec, const struct record_check *c, size_t n)
{
	const struct record_check *end = c + n;
	struct slice v;

	for (; c < end; c++) {
		v = rec->val[c->field];
		if (c->type == LAYOUT_STATUS) {
			if (v.n != 3 || !all_digits(v))
				return REASON_STATUS;
		} else if (v.p == NULL) {
			continue;
		} else if (c->type == LAYOUT_BYTES) {
			if (!all_digits(v))
				return REASON_BYTES;
		} else if (c->type == LAYOUT_ADDRESS) {
			if (!client_address_valid(v))
				return REASON_ADDRESS;
		} else if (!is_decimal(v)) {
			return REASON_NUMBER;
		}
	}
	return REASON_NONE;
}

static struct slice
value(const struct record *rec, int slot)
{
	return slot == PLAN_NONE ? SLICE_NULL : rec->val[slot];
}

static int
status_of(const struct record *rec)
{
	struct slice v = *rec->status;

	if (v.p == NULL)
		return -1;
	return (v.p[0] - '0') * 100 + (v.p[1] - '0') * 10 + (v.p[2] - '0');
}

static void
set_request(struct record *rec, const struct request *r, bool ok)
{
	rec->derived[PLAN_METHOD] = ok ? r->method : SLICE_NULL;
	rec->derived[PLAN_REQUEST_URI] = ok ? r->uri : SLICE_NULL;
	rec->derived[PLAN_PROTOCOL] = ok ? r->protocol : SLICE_NULL;
}

/* What comes from $request and the request URI. */
static void
derive_request(struct record *rec, int status)
{
	const struct plan *plan = rec->plan;
	struct slice request = value(rec, plan->request), uri, path, args;
	struct slice *odd = &rec->derived[PLAN_ODD];
	struct request r;

	*odd = SLICE_NULL;
	rec->derived[PLAN_URI] = rec->derived[PLAN_ARGS] = SLICE_NULL;
	set_request(rec, &r,
	    request.p != NULL &&
		request_split(request, status != 400 && status != -1, &r));
	uri = value(rec, plan->request_uri);
	if (!plan->derive_path)
		return;
	if (uri.p == NULL) {
		*odd = request;
		return;
	}
	request_uri_split(uri, &path, &args);
	if (args.n > 0)
		rec->derived[PLAN_ARGS] = args;
	if (request_normalise(path, rec->next, &rec->derived[PLAN_URI]))
		rec->next += path.n + 1;
	else
		*odd = request.p != NULL ? request : uri;
}

static void
derive_client(struct record *rec)
{
	const struct plan *plan = rec->plan;
	struct slice peer, client;

	if (!conf_nets_any(plan->trusted) || plan->remote_addr == PLAN_NONE)
		return;
	peer = rec->val[plan->remote_addr];
	client = peer.p == NULL ? peer
				: client_find(plan->trusted, peer,
				      value(rec, plan->forwarded));
	rec->derived[PLAN_CLIENT] = client;
	rec->derived[PLAN_PEER] = slice_eq(client, peer) ? SLICE_NULL : peer;
}

static void
derive_host(struct record *rec)
{
	const struct plan *plan = rec->plan;
	struct slice v = value(rec, plan->host);
	size_t n;

	/* Without one the column is the default, since record_new(). */
	if (plan->host == PLAN_NONE)
		return;
	if (rec->have_last_host && v.n == rec->last_host_n && v.p != NULL &&
	    memcmp(v.p, rec->last_host, v.n) == 0)
		return;
	n = v.p == NULL ? 0 : host_clean(rec->host_clean, v);
	rec->host_fact = n > 0 ? slice_of(rec->host_clean, n) : SLICE_NULL;
	if (n > 0)
		rec->host = slice_of(
		    rec->host_text, text_encode(rec->host_text, rec->host_clean,
					n, TEXT_COLUMN));
	else
		set_host(rec, SLICE_LIT(EV_NULL));
	rec->have_last_host = v.p != NULL && v.n <= HOST_MAX;
	if (rec->have_last_host) {
		memcpy(rec->last_host, v.p, v.n);
		rec->last_host_n = v.n;
	}
}

/* Adds a pair in the order of its key unless the key is there. */
static void
add_pair(struct record *rec, struct slice key, struct slice val)
{
	size_t i, k;
	int c;

	for (i = 0; i < rec->npairs; i++) {
		c = slice_cmp(key, rec->pair[i].key);
		if (c == 0)
			return;
		if (c < 0)
			break;
	}
	if (rec->nchosen == RECORD_CHOSEN) {
		rec->chosen_dropped++;
		return;
	}
	for (k = rec->npairs++; k > i; k--)
		rec->pair[k] = rec->pair[k - 1];
	rec->pair[i] = (struct record_pair){ key, val };
	rec->nchosen++;
}

/* The key of a name that is to be taken, lower case and encoded, at dst,
 * which has room for 4 n + 16 bytes; else 0. */
static size_t
name_key(const struct plan_globs *g, struct slice name, char *dst)
{
	char *lower = dst + TEXT_GROWTH * name.n + 16;

	text_lower_copy(lower, name.p, name.n);
	if (!plan_takes(g, slice_of(lower, name.n)))
		return 0;
	return text_encode(dst, lower, name.n, TEXT_MAP);
}

static struct record_name *
name_slot(struct record *rec, const struct plan_globs *g, struct slice name)
{
	struct record_name *slot;
	char lower[TEXT_GROWTH * RECORD_NAME_MAX + 16 + RECORD_NAME_MAX];

	slot = &rec->name[hash_slice(&rec->hash, name) % RECORD_NAMES];
	if (slot->globs == g && slot->n == name.n &&
	    memcmp(slot->name, name.p, name.n) == 0)
		return slot;
	slot->globs = g;
	slot->n = (unsigned char)name.n;
	memcpy(slot->name, name.p, name.n);
	slot->key_n = (unsigned char)name_key(g, name, lower);
	memcpy(slot->key, lower, slot->key_n);
	return slot;
}

/* The key, in the line's scratch memory; p is NULL for one not taken. */
static struct slice
family_key(struct record *rec, const struct plan_globs *g, struct slice name)
{
	const struct record_name *slot;
	char *key = rec->next;
	size_t n;

	if (name.n <= RECORD_NAME_MAX) {
		slot = name_slot(rec, g, name);
		n = slot->key_n;
		/* A copy, as the next name may take the slot. */
		memcpy(key, slot->key, n);
	} else {
		n = name_key(g, name, key);
	}
	rec->next += n;
	return n > 0 ? slice_of(key, n) : SLICE_NULL;
}

/* The chosen pairs of args or cookies, sorted, into rec->pair. */
static void
collect(struct record *rec, const struct plan_globs *g, struct slice rest,
    request_next_fn *next, bool decode)
{
	const struct layout_field *field = rec->plan->layout.field;
	struct slice name, val, key;
	size_t i;

	rec->npairs = 0;
	for (i = 0; i < g->nslots; i++) {
		name = slice_str(field[g->slot[i]].name);
		val = rec->val[g->slot[i]];
		if (val.p != NULL)
			add_pair(rec,
			    slice_of(
				name.p + g->prefix.n, name.n - g->prefix.n),
			    val);
	}
	if (rest.p == NULL || g->take->n + g->named.n == 0)
		return;
	while (next(&rest, &name, &val)) {
		if (!g->first[(unsigned char)name.p[0]])
			continue;
		key = family_key(rec, g, name);
		if (key.p == NULL)
			continue;
		if (decode) {
			val = request_decode_value(val, rec->next);
			if (val.p == rec->next)
				rec->next += val.n;
		}
		add_pair(rec, key, val);
	}
}

static inline char *
put_bytes(char *d, const char *p, size_t n)
{
	memcpy(d, p, n);
	return d + n;
}

/* Whole vectors, two at least, where memcpy() is "rep movs", which is slow. */
static inline char *
put_vectors(char *d, const char *p, size_t n)
{
	size_t i;

	scan_copy32(d, p);
	scan_copy32(d + 32, p + 32);
	for (i = 64; i < n; i += 32)
		scan_copy32(d + i, p + i);
	return d + n;
}

/* SCAN_PAD bytes behind p may be read, and behind d written. */
static inline char *
put_short(char *d, const char *p, size_t n)
{
	if (n > 32)
		return put_bytes(d, p, n);
	scan_copy32(d, p);
	return d + n;
}

/*
 * A byte that the vectors stop at is encoded here, as most are an '&' or '='
 * of a referrer between long plain pieces; text_encode(), which looks at each
 * byte of such a block, took ten times as long.  What is not ASCII is its.
 */
static char *
put_odd_value(const struct record *rec, char *d, struct slice v)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c;
	size_t n;

	for (;;) {
		c = (unsigned char)v.p[0];
		if (c >= 0x80)
			return d + text_encode(d, v.p, v.n, TEXT_MAP);
		*d++ = '%';
		*d++ = hex[c >> 4];
		*d++ = hex[c & 15];
		v = slice_of(v.p + 1, v.n - 1);
		n = rec->scan->copy(d, v.p, v.n);
		d += n;
		if (n == v.n)
			return d;
		v = slice_of(v.p + n, v.n - n);
	}
}

static inline char *
put_value(const struct record *rec, char *d, struct slice v)
{
	size_t n = rec->scan->copy(d, v.p, v.n);

	d += n;
	if (n < v.n)
		return put_odd_value(rec, d, slice_of(v.p + n, v.n - n));
	return d;
}

static char *
put_family(struct record *rec, char *d, const struct plan_put *put)
{
	const struct plan_globs *g = globs_of(rec->plan, put);
	struct slice rest = value(rec, put->slot);
	const struct record_pair *pair;
	size_t i;

	if (rest.p == NULL && g->nslots == 0)
		return d;
	if (put->kind == PLAN_PUT_ARGS)
		collect(rec, g, rest, request_next_arg, true);
	else
		collect(rec, g, rest, request_next_cookie, false);
	for (i = 0; i < rec->npairs; i++) {
		pair = &rec->pair[i];
		/* "&arg_=" without its '='. */
		d = put_short(d, put->key.p, put->key.n - 1);
		d = put_bytes(d, pair->key.p, pair->key.n);
		*d++ = '=';
		d = put_value(rec, d, pair->val);
	}
	return d;
}

/* The arguments taken apart, and remembered. */
static char *
put_new_args(struct record *rec, char *d, struct slice args,
    const struct plan_put *put, struct record_memo *memo)
{
	uint64_t dropped = rec->chosen_dropped;
	char *end = put_family(rec, d, put);
	size_t n = (size_t)(end - d);

	if (n > RECORD_MEMO_TEXT || rec->chosen_dropped != dropped)
		return end;
	memo->n = (unsigned char)args.n;
	memo->text_n = (unsigned char)n;
	memo->chosen = (unsigned char)rec->nchosen;
	memset(memo->args, 0, SCAN_SHORT);
	if (args.n > 0)
		memcpy(memo->args, args.p, args.n);
	memcpy(memo->text, d, n);
	return end;
}

/*
 * The chosen arguments, which repeat as links do.  Every other request has
 * none, and nobody could predict which: so none is looked up as well.
 */
static char *
put_args(
    struct record *rec, char *d, struct slice args, const struct plan_put *put)
{
	struct scan_short key;
	struct record_memo *memo;
	bool known;

	if (args.n <= SCAN_SHORT) {
		scan_first(&key, args.n > 0 ? args.p : scan_nothing, args.n);
		memo =
		    &rec->memo[hash_four(&rec->hash, key.bytes) % RECORD_MEMOS];
		known = (memo->n == args.n) & scan_is_first(memo->args, &key);
	} else if (args.n <= RECORD_MEMO_ARGS) {
		memo = &rec->memo[hash_slice(&rec->hash, args) % RECORD_MEMOS];
		known =
		    memo->n == args.n && scan_equal(memo->args, args.p, args.n);
	} else {
		return put_family(rec, d, put);
	}
	if (!known)
		return put_new_args(rec, d, args, put, memo);
	rec->nchosen += memo->chosen;
	return put_vectors(d, memo->text, memo->text_n);
}

/* Every pair begins with '&'; the first one's becomes the TAB before it. */
static char *
put_map(struct record *rec, char *d)
{
	const struct record_put *put = rec->put, *end = put + rec->nputs;
	char *start = d;
	struct slice v;

	for (; put < end; put++) {
		v = *put->val;
		if ((v.p == NULL) & (put->kind < RECORD_PUT_ARGS))
			continue;
		switch (put->kind) {
		case RECORD_PUT_SHORT:
			d = put_short(d, put->key, put->key_n);
			d = put_short(d, v.p, v.n);
			break;
		case RECORD_PUT_TEXT:
			d = put_short(d, put->key, put->key_n);
			d = put_value(rec, d, v);
			break;
		case RECORD_PUT_ARGS:
			d = put_args(rec, d, v, put->plan);
			break;
		case RECORD_PUT_FAMILY:
			d = put_family(rec, d, put->plan);
			break;
		}
	}
	if (d == start)
		d++;
	*start = '\t';
	return d;
}

/*
 * The most that a record of a line of n bytes takes: the properties and
 * their keys, the chosen ones' prefixes, the other columns and what vectors
 * store behind the end.
 */
static size_t
worst(const struct record *rec, const struct rule *rule, size_t n)
{
	return rec->plan->copies * TEXT_GROWTH * n + rec->most +
	       rule->columns.n;
}

static char *
put_record(struct record *rec, char *d, const struct rule *rule)
{
	int64_t id;

	if (rec->user != NULL && user_find(rec->user, rec->val, &id))
		d += number_put_i64(d, id);
	else
		d = put_bytes(d, EV_NULL, 2);
	d = put_bytes(d, "\t" EV_NULL "\t", 4);
	d = put_short(d, rec->host.p, rec->host.n);
	d = put_short(d, rule->columns.p, rule->columns.n);
	d = put_short(d, rec->when.text, rec->when.n);
	d = put_map(rec, d);
	*d++ = '\t';
	d = put_bytes(d, rec->when.text, UTC_DATE_LEN);
	*d++ = '\n';
	return d;
}

/* What the types of the fields say, by the n checks at c, and the time. */
static enum reason
check(struct record *rec, const struct record_check *c, size_t n)
{
	const struct plan *plan = rec->plan;
	enum reason reason = check_types(rec, c, n);

	if (reason == REASON_NONE &&
	    when_set(&rec->when, plan->time_type, rec->val[plan->time]) == -1)
		reason = REASON_TIME;
	return reason;
}

/* The fields of any line. */
static enum reason
fill(struct record *rec, struct slice line)
{
	const struct plan *plan = rec->plan;
	enum reason reason;
	bool clean;

	reset(rec, line.n);
	reason = split_line(rec->split, line, rec->val, &clean);
	if (!clean && memchr(line.p, '\0', line.n) != NULL)
		return REASON_NUL;
	if (reason == REASON_NONE && plan->layout.escape != FORMAT_NONE)
		reason = decode_fields(rec);
	return reason == REASON_NONE ? check(rec, rec->check, rec->nchecks)
				     : reason;
}

/* Did the browser say that nobody asked for it yet? */
static bool
is_prefetch(struct record *rec)
{
	struct slice *mark = &rec->derived[PLAN_PREFETCH];
	size_t i;

	*mark = SLICE_NULL;
	for (i = 0; i < rec->plan->npurposes && mark->p == NULL; i++)
		*mark = purpose_of(rec->val[rec->plan->purpose[i]]);
	return mark->p != NULL;
}

/* A line of n bytes, whose fields are there, and perhaps what comes from its
 * request, into a record. */
static enum record_result
finish(struct record *rec, size_t n, bool request, struct out *o)
{
	const struct rule *rule;
	struct rule_facts facts;
	char *start, *end;

	facts.status = status_of(rec);
	if (!request)
		derive_request(rec, facts.status);
	derive_client(rec);
	derive_host(rec);
	facts.method = *rec->method;
	facts.uri = *rec->uri;
	facts.host = rec->host_fact;
	facts.prefetch = is_prefetch(rec);
	rule = rules_match(rec->rules, &facts);
	if (rule->drop)
		return RECORD_DROPPED;
	start = out_reserve(o, worst(rec, rule, n));
	end = put_record(rec, start, rule);
	if ((size_t)(end - start) > EVENT_MAX)
		return RECORD_REJECTED;
	out_advance(o, (size_t)(end - start));
	return RECORD_EVENT;
}

void
record_restart(struct record *rec)
{
	quick_restart(rec->common);
}

size_t
record_quick(struct record *rec, struct slice rest, uint64_t offset,
    struct out *o, enum record_result *result)
{
	bool request;
	size_t n;

	if (rec->common == NULL || rest.n == 0)
		return 0;
	n = quick_line(rec->common, rest, offset, rec->val, &request);
	if (n == 0)
		return 0;
	reset(rec, n);
	if (check(rec, rec->quick_check, rec->nquick) != REASON_NONE)
		return 0;
	*result = finish(rec, n, request, o);
	return *result == RECORD_REJECTED ? 0 : n;
}

bool
record_time(struct record *rec, struct slice line, struct slice *time)
{
	if (line.n == 0 || fill(rec, line) != REASON_NONE)
		return false;
	*time = slice_of(rec->when.text, rec->when.n);
	return true;
}

enum record_result
record_line(
    struct record *rec, struct slice line, struct out *o, enum reason *reason)
{
	enum record_result result;

	*reason = fill(rec, line);
	if (*reason != REASON_NONE)
		return RECORD_REJECTED;
	result = finish(rec, line.n, false, o);
	if (result == RECORD_REJECTED)
		*reason = REASON_TOO_LONG;
	return result;
}
