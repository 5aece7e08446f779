/*
 * nginxlex: nginx's configuration language, one directive at a time.
 *
 *	nginx_lex_init(&lex, path, text);
 *	while ((r = nginx_lex_next(&lex)) == 1)
 *		lex.word[0..nwords), lex.end, lex.line
 *	nginx_lex_release(&lex);
 *
 * The rules are ngx_conf_read_token()'s: words end at blanks, ';' and '{', a
 * word in '...' or "..." where its quote does, '#' before a word begins a
 * comment, "${" is no brace, and of the backslash sequences \" \' \\ \t \r \n
 * are undone.  Words are borrowed until the next call.
 */
#ifndef EV_CONF_NGINXLEX_H
#define EV_CONF_NGINXLEX_H

#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"

/* nginx itself takes eight; log_format and server_name any number. */
#define NGINX_WORDS 512

enum nginx_end {
	NGINX_SEMICOLON, /* a directive */
	NGINX_OPEN,	 /* a block's begin */
	NGINX_CLOSE	 /* a block's end; no words */
};

struct nginx_lex {
	const char *path;
	const char *p, *limit;
	unsigned line;	   /* of the directive's first word */
	unsigned now;	   /* of p */
	struct strbuf buf; /* the words, one after the other */
	struct slice word[NGINX_WORDS];
	size_t nwords;
	enum nginx_end end;
};

void nginx_lex_init(struct nginx_lex *lex, const char *path, struct slice text);
void nginx_lex_release(struct nginx_lex *lex);
/* 1 a directive, 0 the end, -1 an error (reported). */
int nginx_lex_next(struct nginx_lex *lex);
/* Passes over the rest of a block whose inside is no configuration (Lua):
 * to the brace that ends it.  0 or -1 (reported). */
int nginx_lex_skip_block(struct nginx_lex *lex);

#endif
