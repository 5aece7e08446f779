/*
 * Holds enrich/mmdb and enrich/country against libmaxminddb itself.
 *
 *	enrich-country FILE.mmdb N [PATH]
 *
 * Asks both for N random addresses, half of each family, those of IPv6 out
 * of the networks that the database has, and for the first and last address
 * of every network and their neighbours outside; one in four is asked again
 * later.  Compared are the place of the entry, the country, and of each entry
 * that is met all values in it, by their paths.  PATH is dotted, with at most
 * two parts, and country_code unless given.  Prints what differs and
 * "differing OF asked, FOUND with a country, VALUES compared"; exits 1 when
 * one differs.
 */
#include "config.h"

#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "enrich/country.h"

#define RING 4096
#define SHOWN 10
#define TRAIL 16 /* levels of an entry */

struct run {
	struct country *country;
	const struct mmdb *mmdb; /* of country */
	MMDB_s db;
	const char *path[3];
	struct address ring[RING]; /* asked before */
	uint8_t *met;		   /* a byte for each place of an entry */
	uint64_t seed;
	size_t asked, found, failed, values;
};

/* splitmix64: the same addresses each time. */
static uint64_t
draw(struct run *run)
{
	uint64_t z = run->seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void
complain(
    struct run *run, const struct address *a, const char *got, const char *want)
{
	char text[INET6_ADDRSTRLEN];

	if (run->failed++ < SHOWN)
		printf("%s: '%s', not '%s'\n",
		    inet_ntop(AF_INET6, a->b, text, sizeof(text)), got, want);
}

/* The library's entry; found_entry is false when it has none. */
static MMDB_lookup_result_s
look_up(struct run *run, const struct address *a)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	const struct sockaddr *sa = (const struct sockaddr *)&sin6;
	MMDB_lookup_result_s r;
	int err;

	memcpy(&sin6.sin6_addr, a->b, 16);
	memcpy(&sin.sin_addr, a->b + 12, 4);
	if (address_is_v4(a))
		sa = (const struct sockaddr *)&sin;
	r = MMDB_lookup_sockaddr(&run->db, sa, &err);
	if (err != MMDB_SUCCESS)
		r.found_entry = false;
	return r;
}

/* What it makes a country of, in upper case; none is "". */
static void
expect(struct run *run, const struct address *a, MMDB_lookup_result_s *r,
    char code[3])
{
	MMDB_entry_data_s d;

	memset(code, 0, 3);
	if (address_is_special(a) || !r->found_entry ||
	    MMDB_aget_value(&r->entry, &d, run->path) != MMDB_SUCCESS)
		return;
	if (!d.has_data || d.type != MMDB_DATA_TYPE_UTF8_STRING ||
	    d.data_size != 2 || !letter(d.utf8_string[0]) ||
	    !letter(d.utf8_string[1]))
		return;
	code[0] = (char)(d.utf8_string[0] & ~0x20);
	code[1] = (char)(d.utf8_string[1] & ~0x20);
	if (strcmp(code, "ZZ") == 0 || strcmp(code, "XX") == 0)
		memset(code, 0, 3);
}

/* The path to the value in hand. */
struct trail {
	const struct address *a;
	uint32_t at;
	const char *part[TRAIL + 1];
	int n;
};

static bool
same_value(const MMDB_entry_data_s *d, const struct mmdb_value *v)
{
	if ((uint32_t)v->type != d->type)
		return false;
	switch (d->type) {
	case MMDB_DATA_TYPE_UTF8_STRING:
	case MMDB_DATA_TYPE_BYTES:
		return v->text.n == d->data_size &&
		       (d->data_size == 0 || memcmp(v->text.p, d->utf8_string,
						 d->data_size) == 0);
	case MMDB_DATA_TYPE_UINT16:
		return v->number == d->uint16;
	case MMDB_DATA_TYPE_UINT32:
		return v->number == d->uint32;
	case MMDB_DATA_TYPE_UINT64:
		return v->number == d->uint64;
	case MMDB_DATA_TYPE_BOOLEAN:
		return v->number == (d->boolean ? 1 : 0);
	default:
		return true;
	}
}

/* Compares a value and all that is in it; returns what comes behind. */
static MMDB_entry_data_list_s *
compare_values(struct run *run, struct trail *t, MMDB_entry_data_list_s *list)
{
	const MMDB_entry_data_s *d = &list->entry_data;
	bool map = d->type == MMDB_DATA_TYPE_MAP;
	struct mmdb_value v;
	char name[128];
	uint32_t i;

	run->values++;
	t->part[t->n] = NULL;
	if (!mmdb_get(run->mmdb, t->at, t->part, &v) || !same_value(d, &v))
		complain(run, t->a, "another value",
		    t->n == 0 ? "the entry" : t->part[t->n - 1]);
	list = list->next;
	if (!map && d->type != MMDB_DATA_TYPE_ARRAY)
		return list;
	if (t->n == TRAIL)
		msg_die(EV_EXIT_FAIL, "an entry of more levels");
	for (i = 0; i < d->data_size; i++) {
		if (map) {
			snprintf(name, sizeof(name), "%.*s",
			    (int)list->entry_data.data_size,
			    list->entry_data.utf8_string);
			list = list->next;
		} else {
			snprintf(name, sizeof(name), "%u", i);
		}
		t->part[t->n++] = name;
		list = compare_values(run, t, list);
		t->n--;
	}
	return list;
}

static void
compare_entry(struct run *run, const struct address *a, MMDB_entry_s *entry)
{
	struct trail t = { .a = a, .at = entry->offset };
	MMDB_entry_data_list_s *list;

	if (run->met[entry->offset])
		return;
	run->met[entry->offset] = 1;
	if (MMDB_get_entry_data_list(entry, &list) != MMDB_SUCCESS)
		msg_die(EV_EXIT_FAIL, "cannot read an entry");
	compare_values(run, &t, list);
	MMDB_free_entry_data_list(list);
}

static void
compare(struct run *run, const struct address *a)
{
	MMDB_lookup_result_s r = look_up(run, a);
	uint32_t at = mmdb_find(run->mmdb, a);
	char want[3], got[3] = { 0 };

	run->asked++;
	if (at != (r.found_entry ? r.entry.offset : MMDB_NONE)) {
		complain(run, a, "another entry", "the library's");
		return;
	}
	expect(run, a, &r, want);
	if (!country_find(run->country, a, got))
		got[0] = got[1] = '\0';
	run->found += want[0] != '\0';
	if (memcmp(want, got, 2) != 0)
		complain(run, a, got, want);
	if (r.found_entry)
		compare_entry(run, a, &r.entry);
}

static void
ask(struct run *run, const struct address *a)
{
	uint64_t r = draw(run);

	compare(run, a);
	if (r % 4 == 0)
		compare(run, &run->ring[(r >> 2) % RING]);
	run->ring[(r >> 32) % RING] = *a;
}

/* The tree's IPv4 is ::/96; ours is ::ffff:0:0/96. */
static void
ask_in_tree(struct run *run, struct address a)
{
	static const uint8_t zero[12];

	if (memcmp(a.b, zero, sizeof(zero)) == 0)
		a.b[10] = a.b[11] = 0xff;
	ask(run, &a);
}

static void
add(struct address *a, int step)
{
	int i;

	for (i = 15; i >= 0; i--) {
		a->b[i] = (uint8_t)(a->b[i] + step);
		if (a->b[i] != (step > 0 ? 0 : 0xff))
			return;
	}
}

/* The first and the last address of a network, and those beside it. */
static void
ask_edges(struct run *run, const struct address *net, unsigned bits)
{
	struct address a = *net;
	unsigned i;

	ask_in_tree(run, a);
	add(&a, -1);
	ask_in_tree(run, a);
	a = *net;
	for (i = bits; i < 128; i++)
		a.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	ask_in_tree(run, a);
	add(&a, 1);
	ask_in_tree(run, a);
}

static uint64_t
child(struct run *run, uint64_t node, bool right)
{
	MMDB_search_node_s n;

	if (MMDB_read_node(&run->db, (uint32_t)node, &n) != MMDB_SUCCESS)
		msg_die(EV_EXIT_FAIL, "cannot read a node");
	return right ? n.right_record : n.left_record;
}

static void
walk(struct run *run, uint64_t node, struct address *net, unsigned bits)
{
	uint8_t bit = (uint8_t)(0x80 >> bits % 8);

	if (node >= run->db.metadata.node_count || bits == 128) {
		ask_edges(run, net, bits);
		return;
	}
	walk(run, child(run, node, false), net, bits + 1);
	net->b[bits / 8] |= bit;
	walk(run, child(run, node, true), net, bits + 1);
	net->b[bits / 8] &= (uint8_t)~bit;
}

/* Down the tree by chance, and at random below. */
static void
ask_random_v6(struct run *run)
{
	uint64_t node = 0, r[2] = { draw(run), draw(run) };
	uint32_t count = run->db.metadata.node_count;
	struct address a;
	unsigned i;
	bool right;

	memcpy(a.b, r, 16);
	for (i = 0; i < 128 && node < count; i++) {
		right = a.b[i / 8] & (0x80 >> i % 8);
		if (child(run, node, right) == count) {
			right = !right;
			a.b[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		}
		node = child(run, node, right);
	}
	ask_in_tree(run, a);
}

static void
ask_random_v4(struct run *run)
{
	struct address a = { { [10] = 0xff, [11] = 0xff } };
	uint64_t r = draw(run);

	memcpy(a.b + 12, &r, 4);
	ask(run, &a);
}

static void
run_all(struct run *run, unsigned long n)
{
	bool v6 = run->db.metadata.ip_version == 6;
	struct address net = { { 0 } };
	unsigned long i;

	walk(run, 0, &net, v6 ? 0 : 96);
	for (i = 0; i < n; i++) {
		if (v6 && i % 2)
			ask_random_v6(run);
		else
			ask_random_v4(run);
	}
}

int
main(int argc, char *argv[])
{
	static struct run run = { .path = { "country_code" } };
	char *dot;

	msg_init("enrich-country");
	if (argc < 3)
		msg_die(EV_EXIT_USAGE, "FILE.mmdb N [PATH]");
	run.country = country_open(argv[1], argc > 3 ? argv[3] : NULL);
	if (run.country == NULL)
		return EV_EXIT_USAGE;
	if (argc > 3) {
		run.path[0] = argv[3];
		if ((dot = strchr(argv[3], '.')) != NULL) {
			*dot = '\0';
			run.path[1] = dot + 1;
		}
	}
	if (MMDB_open(argv[1], MMDB_MODE_MMAP, &run.db) != MMDB_SUCCESS)
		msg_die(EV_EXIT_USAGE, "%s: cannot open", argv[1]);
	run.mmdb = country_mmdb(run.country);
	run.met = xcalloc((size_t)run.db.data_section_size + 1, 1);
	run_all(&run, strtoul(argv[2], NULL, 10));
	printf("%zu of %zu, %zu with a country, %zu values\n", run.failed,
	    run.asked, run.found, run.values);
	free(run.met);
	country_close(run.country);
	MMDB_close(&run.db);
	return run.failed == 0 && run.values > 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}
