/* country: the names of ISO 3166-1's alpha-2 codes, as people say them. */
#ifndef EV_REPORT_COUNTRY_H
#define EV_REPORT_COUNTRY_H

#include "base/slice.h"

/* NULL: no such code. */
const char *country_name(struct slice code);

#endif
