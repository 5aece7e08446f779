#include "config.h"

#include "parse/client.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* a.b.c.d without leading zeros, as inet_pton(3), which is slower. */
static bool
ipv4(struct slice s, uint8_t out[4])
{
	const char *p = s.p, *end = p + s.n, *start;
	unsigned v;
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		v = 0;
		for (start = p; p < end && *p >= '0' && *p <= '9'; p++) {
			v = v * 10 + (unsigned)(*p - '0');
			if (v > 255 || (v == 0 && p > start))
				return false;
		}
		if (p == start || (*start == '0' && p > start + 1))
			return false;
		out[i] = (uint8_t)v;
	}
	return p == end;
}

bool
client_address(struct slice s, uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN];

	if (ipv4(s, addr + 12)) {
		memcpy(addr, mapped, sizeof(mapped));
		return true;
	}
	if (s.n >= sizeof(text) || memchr(s.p, ':', s.n) == NULL ||
	    memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, addr) == 1;
}

bool
client_address_valid(struct slice s)
{
	uint8_t addr[16];

	return client_address(s, addr) || slice_is(s, "unix:");
}

static bool
in_net(const struct conf_net *net, const uint8_t addr[16])
{
	unsigned bytes = net->bits / 8, bits = net->bits % 8;

	if (memcmp(net->addr, addr, bytes) != 0)
		return false;
	return bits == 0 || (net->addr[bytes] ^ addr[bytes]) >> (8 - bits) == 0;
}

static bool
is_trusted(const struct conf_nets *nets, struct slice s)
{
	uint8_t addr[16];
	size_t i;

	if (!client_address(s, addr))
		return nets->sockets && slice_is(s, "unix:");
	for (i = 0; i < nets->n; i++)
		if (in_net(&nets->v[i], addr))
			return true;
	return false;
}

/* Takes the last hop off the list, blanks, brackets and port off the hop. */
static bool
take_hop(struct slice *list, struct slice *hop)
{
	const char *p = list->p, *end = p + list->n, *start, *close;
	uint8_t addr[16];

	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (start = end; start > p && start[-1] != ','; start--)
		;
	list->n = start > p ? (size_t)(start - p) - 1 : 0;
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	*hop = slice_of(start, (size_t)(end - start));
	if (hop->n > 0 && *start == '[') {
		close = memchr(start, ']', hop->n);
		if (close == NULL)
			return false;
		*hop = slice_of(start + 1, (size_t)(close - start) - 1);
	} else if (hop->n > 0 && !client_address(*hop, addr)) {
		close = memchr(start, ':', hop->n);
		if (close != NULL)
			hop->n = (size_t)(close - start);
	}
	return client_address(*hop, addr);
}

struct slice
client_find(
    const struct conf_nets *trusted, struct slice peer, struct slice forwarded)
{
	struct slice client = peer, hop;

	if (forwarded.p == NULL)
		return client;
	while (forwarded.n > 0 && is_trusted(trusted, client) &&
	       take_hop(&forwarded, &hop))
		client = hop;
	return client;
}
