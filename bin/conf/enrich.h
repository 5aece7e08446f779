/* enrich: databases, the visitor key, and what may stay in the record. */
#ifndef EV_CONF_ENRICH_H
#define EV_CONF_ENRICH_H

#include "conf/read.h"

struct conf_country {
	struct conf_text database; /* an MMDB */
	uint64_t max_age;      /* days; an older one is warned of; 0: none is */
	struct conf_text path; /* of the code in its record, dotted */
	struct conf_list add;  /* subdivision, city, asn: what else of it */
};

struct conf_asn {
	struct conf_text database; /* an MMDB with autonomous systems */
	uint64_t max_age;	   /* as above */
};

enum conf_rotate { ROTATE_NEVER, ROTATE_DAILY, ROTATE_WEEKLY, ROTATE_MONTHLY };

/* What beside the address tells visitors apart. */
enum conf_identify { IDENTIFY_AGENT, IDENTIFY_DEVICE };

struct conf_visitor {
	struct conf_text key_file;
	struct conf_text key_dir; /* of the keys that rotate */
	enum conf_rotate rotate;
	enum conf_identify identify_by;
	uint64_t ipv6_prefix; /* bits of an IPv6 address that count */
};

/* Bits of a client address that stay in the record; both 0: none does. */
struct conf_anonymize {
	uint64_t ipv4, ipv6;
};

struct conf_enrich {
	struct conf_country country;
	struct conf_asn asn;
	struct conf_visitor visitor;
	struct conf_text regexes;   /* uap-core's regexes.yaml */
	struct conf_text referrers; /* hosts of the site's own, as a table */
	struct conf_list keep;	    /* personal variables that stay */
	struct conf_anonymize anonymize;
};

/* A household or a host has a /64 (RFC 6177, RFC 8981). */
#define CONF_IPV6_PREFIX 64

conf_read_fn conf_read_enrich;

/* The prefix in force: the config's, else the default. */
unsigned conf_ipv6_prefix(const struct conf_enrich *e);

#endif
