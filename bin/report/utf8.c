#include "config.h"

#include "report/utf8.h"

#include "base/text.h"

struct range {
	uint32_t first, last;
};

static const struct range hidden[] = {
	{ 0x0000, 0x001F }, /* C0 */
	{ 0x007F, 0x009F }, /* DEL, C1 */
	{ 0x00AD, 0x00AD }, /* soft hyphen */
	{ 0x034F, 0x034F }, /* combining grapheme joiner */
	{ 0x061C, 0x061C }, /* Arabic letter mark */
	{ 0x115F, 0x1160 }, /* Hangul fillers */
	{ 0x17B4, 0x17B5 }, /* Khmer inherent vowels */
	{ 0x180B, 0x180F }, /* Mongolian selectors */
	{ 0x200B, 0x200B }, /* zero width space */
	{ 0x200E, 0x200F }, /* direction marks */
	{ 0x2028, 0x202E }, /* separators, embeddings, overrides */
	{ 0x2060, 0x206F }, /* word joiner, isolates, deprecated */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xE000, 0xF8FF }, /* private use */
	{ 0xFDD0, 0xFDEF }, /* noncharacters */
	{ 0xFEFF, 0xFEFF }, /* byte order mark */
	{ 0xFFA0, 0xFFA0 }, /* Hangul filler */
	{ 0xFFF0, 0xFFFB }, /* interlinear annotation */
	{ 0xFFFE, 0xFFFF },
	{ 0xE0000, 0x10FFFF }, /* tags, selectors, private use */
};

static const struct range combining[] = {
	{ 0x0300, 0x036F },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05BD },
	{ 0x05BF, 0x05BF },
	{ 0x05C1, 0x05C7 },
	{ 0x0610, 0x061A },
	{ 0x064B, 0x065F },
	{ 0x0670, 0x0670 },
	{ 0x06D6, 0x06DC },
	{ 0x06DF, 0x06E4 },
	{ 0x06E7, 0x06ED },
	{ 0x0900, 0x0902 },
	{ 0x093C, 0x093C },
	{ 0x0941, 0x0948 },
	{ 0x094D, 0x094D },
	{ 0x0E31, 0x0E31 },
	{ 0x0E34, 0x0E3A },
	{ 0x0E47, 0x0E4E },
	{ 0x1AB0, 0x1AFF },
	{ 0x1DC0, 0x1DFF },
	{ 0x200C, 0x200D },
	{ 0x20D0, 0x20FF },
	{ 0xFE00, 0xFE0F },
	{ 0xFE20, 0xFE2F },
};

static const struct range wide[] = {
	{ 0x1100, 0x115F },
	{ 0x231A, 0x231B },
	{ 0x2329, 0x232A },
	{ 0x23E9, 0x23EC },
	{ 0x25FD, 0x25FE },
	{ 0x2614, 0x2615 },
	{ 0x2648, 0x2653 },
	{ 0x26A1, 0x26A1 },
	{ 0x26BD, 0x26BE },
	{ 0x2705, 0x2705 },
	{ 0x2728, 0x2728 },
	{ 0x274C, 0x274C },
	{ 0x2753, 0x2757 },
	{ 0x2795, 0x2797 },
	{ 0x2E80, 0x303E },
	{ 0x3041, 0x33FF },
	{ 0x3400, 0x4DBF },
	{ 0x4E00, 0x9FFF },
	{ 0xA000, 0xA4CF },
	{ 0xA960, 0xA97F },
	{ 0xAC00, 0xD7A3 },
	{ 0xF900, 0xFAFF },
	{ 0xFE30, 0xFE6F },
	{ 0xFF00, 0xFF60 },
	{ 0xFFE0, 0xFFE6 },
	{ 0x1F1E6, 0x1F1FF },
	{ 0x1F300, 0x1F64F },
	{ 0x1F680, 0x1F6FF },
	{ 0x1F900, 0x1F9FF },
	{ 0x1FA70, 0x1FAFF },
	{ 0x20000, 0x3FFFD },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
in_ranges(const struct range *v, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= v[i].first && c <= v[i].last)
			return true;
	return false;
}

int
utf8_next(struct slice *rest, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n;

	if (rest->n == 0)
		return 0;
	n = text_utf8_len(p, rest->n);
	if (n == 0)
		*c = UTF8_BAD | p[0];
	else if (n == 1)
		*c = p[0];
	else
		*c = p[0] & (0x7FU >> n);
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | (p[i] & 0x3FU);
	rest->p += n == 0 ? 1 : n;
	rest->n -= n == 0 ? 1 : n;
	return 1;
}

bool
utf8_shown(uint32_t c)
{
	return !(c & UTF8_BAD) && (c & 0xFFFE) != 0xFFFE &&
	       !in_ranges(hidden, COUNT(hidden), c);
}

bool
utf8_all_shown(struct slice s)
{
	uint32_t c;

	while (utf8_next(&s, &c))
		if (!utf8_shown(c))
			return false;
	return true;
}

unsigned
utf8_width(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (in_ranges(combining, COUNT(combining), c))
		return 0;
	return in_ranges(wide, COUNT(wide), c) ? 2 : 1;
}

size_t
utf8_columns(struct slice s)
{
	uint32_t c;
	size_t n = 0;

	while (utf8_next(&s, &c))
		n += utf8_width(c);
	return n;
}
