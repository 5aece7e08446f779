#!/usr/bin/env bats
# ev-parse --nginx-conf: nginx's own configuration is the schema.

load helper
load parse-helper

prepare() {
	mkdir -p conf/conf.d logs
	cat >conf/nginx.conf <<-'EOC'
	user www-data; # a comment; with { in it
	include modules/*.conf;
	events { worker_connections 768; }
	stream {
		log_format main '$msec stream';
		access_log logs/stream.log main;
	}
	http {
		include mime.types;
		map $uri $loggable { ~^/health 0; default 1; }
		log_format main '$remote_addr - $remote_user [$time_local] '
		                '"$request" $status $body_bytes_sent '
		                "\"$http_referer\" \"$http_user_agent\"";
		log_format vhost '$host $remote_addr - $remote_user [${time_local}] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
		access_log /var/log/nginx/access.log main;
		include conf.d/*.conf;
	}
	EOC
	cat >conf/conf.d/a.conf <<-'EOC'
	log_format js escape=json ' {"t":$msec,"b":"C:\\\\x","r":"$request"}';
	server {
		server_name a.test www.a.test;
		access_log /var/log/nginx/a.log vhost buffer=32k if=$loggable;
		access_by_lua_block { if x then return "a } b" end { } }
		content_by_lua_block {
		--[==[ a comment, with } and " and ]] in it
		]==] local s = [[ ] } ]] .. [=[ "} ]] ]=] .. t[i[1]] -- it's }
	}
	location /off { access_log off; }
		location ~ "^/j{1,2}" { access_log logs/j.log js; }
		location /h { access_log /var/log/nginx/$host/hits.log vhost; }
	}
	EOC
	cat >conf/conf.d/b.conf <<-'EOC'
	server { access_log /srv/b/access.log vhost; access_log syslog:server=x js; }
	EOC
	: >conf/mime.types
	line >main
	line | sed 's/^/a.test /' >vhost
	echo ' {"t":1795390132.216,"b":"C:\\x","r":"GET / HTTP/1.1"}' >js
}

# reads FILE CONTENT: FILE has the format that CONTENT is written in
reads() {
	mkdir -p "$(dirname "$1")"
	cp "$2" "$1"
	runs 0 ev-parse --nginx-conf conf/nginx.conf --max-rejects 0 "$1"
	[ "$(counter out events)" -eq 1 ]
	[ ! -s err ]
}

@test "a log's path says which access_log wrote it, and so its format" {
	reads var/log/nginx/a.log vhost
	reads logs/j.log js
	reads "$PWD/j.log" js
	reads hits.log vhost
}

@test "what rotation appends to a name is no part of it" {
	for suffix in .1 .12 -20261121 -2026112114 .2026-11-21 -2026-11-21 \
	    -20261121-1795390132; do
		reads "a.log$suffix" vhost
	done
	reads a-20261121.log vhost
	reads a.1.log vhost
	gzip -c vhost >vhost.gz
	reads a.log.2.gz vhost.gz
	reads a.log-20261121.gz vhost.gz
	reads a-20261121.log.gz vhost.gz
	need zstd
	zstd -q vhost
	reads a.log.3.zst vhost.zst
}

@test "a name that two formats go by is refused, its path is not" {
	cp main access.log
	runs 2 ev-parse --nginx-conf conf/nginx.conf access.log
	has_line err 'ev-parse: access.log: may be of format main (conf/nginx.conf:15) or vhost (conf/conf.d/b.conf:1); --format NAME says which of main, vhost, js, combined'
	runs 0 ev-parse --nginx-conf conf/nginx.conf --format main access.log
	[ "$(counter out events)" -eq 1 ]
	sed -i "s,/srv/b,$PWD/srv/b," conf/conf.d/b.conf
	reads "$PWD/srv/b/access.log.1" vhost
	mkdir link
	ln -s ../srv/b/access.log.1 link/access.log.1
	runs 0 ev-parse --nginx-conf conf/nginx.conf --max-rejects 0 link/access.log.1
}

@test "a file that nothing writes, and stdin, need --format" {
	cp main other.log
	runs 2 ev-parse --nginx-conf conf/nginx.conf other.log
	has err 'ev-parse: other.log: no access_log writes a file of that name; --format NAME'
	runs 2 ev-parse --nginx-conf conf/nginx.conf <main
	has err 'ev-parse: stdin: may be of format main (conf/nginx.conf:15) or vhost (conf/conf.d/a.conf:4)'
	runs 0 ev-parse --nginx-conf conf/nginx.conf --format vhost <vhost
	[ "$(column 3 <out)" = a.test ]
	echo 'access_log only.log;' >one.conf
	runs 0 ev-parse --nginx-conf one.conf <main
	runs 2 ev-parse --nginx-conf one.conf --format none
	has err "ev-parse: --format: unknown format 'none'"
}

@test "files of two formats are two runs" {
	cp vhost a.log
	cp js j.log
	runs 2 ev-parse --nginx-conf conf/nginx.conf a.log j.log
	has_line err 'ev-parse: a.log is of format vhost and j.log of js: one run reads one format'
	cp vhost a.log.1
	runs 0 ev-parse --nginx-conf conf/nginx.conf a.log.1 a.log
	[ "$(counter out events)" -eq 2 ]
}

@test "without an access_log nginx writes combined, and a file may stand alone" {
	echo 'http { server { listen 80; } }' >none.conf
	cp main access.log
	runs 0 ev-parse --nginx-conf none.conf --max-rejects 0 access.log
	echo 'access_log off;' >off.conf
	runs 2 ev-parse --nginx-conf off.conf access.log
	cp vhost a.log
	printf '%s\n' 'log_format vhost "$host $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";' |
	    cat - conf/conf.d/a.conf >alone.conf
	runs 0 ev-parse --nginx-conf alone.conf --max-rejects 0 a.log
}

@test "the same string by --format and by nginx.conf shapes the same events" {
	cp main access.log
	ev-parse --nginx-conf conf/nginx.conf --format main main >a
	ev-parse --format '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"' main >b
	same a b
}

# wrong TEXT MESSAGE
wrong() {
	printf '%b' "$1" >bad.conf
	runs 2 ev-parse --nginx-conf bad.conf main
	has err "ev-parse: $2"
}

@test "each error of a nginx.conf has its file and line" {
	wrong 'http {\n  access_log x "abc;\n}' 'bad.conf:2: a quote that does not end'
	wrong 'http {\n  access_log "a"b;\n}' "bad.conf:2: 'b' behind the end of a quote"
	wrong 'http {\n access_log main;' "bad.conf:2: a block lacks its '}'"
	wrong 'a;\n}\n' "bad.conf:2: '}' without its '{'"
	wrong 'http {\n;\n}' "bad.conf:2: ';' without a directive"
	wrong 'access_log main' "bad.conf:1: a directive that does not end in ';'"
	wrong 'access_log;' 'bad.conf:1: access_log: needs a path'
	wrong 'log_format x;' 'bad.conf:1: log_format: needs a name and a string'
	wrong 'log_format x a;\nlog_format x b;' 'bad.conf:2: log_format: is defined twice'
	wrong 'include bad.conf;' 'bad.conf:1: include: too deep, or it includes itself'
	wrong 'include bad.con*;\ninclude bad.conf;' 'bad.conf:1: include: too deep'
	wrong "$(printf 'a {%.0s' $(seq 40))" 'bad.conf:1: a: blocks too deep'
	wrong 'a_by_lua_block { {' 'bad.conf:1: a block that does not end'
	wrong "a $(seq -s ' ' 600);" 'bad.conf:1: more than 512 words in a directive'
	wrong 'access_log main\n nope;' "bad.conf:1: access_log: log_format 'nope' is not defined"
	wrong "log_format f '\$msec \$http_a \$http_b';\naccess_log main f;" \
	    'bad.conf:1: log_format: ambiguous: where $http_a ends'
	wrong "log_format f escape=xml '\$msec';\naccess_log main f;" \
	    "bad.conf:1: log_format: unknown 'escape=xml'"
	runs 2 ev-parse --nginx-conf nowhere.conf main
	has err 'ev-parse: nowhere.conf: '
	runs 2 ev-parse --nginx-conf . main
}

@test "an include that is not there is a warning, a glob without a match none" {
	rm conf/mime.types
	cp vhost a.log
	runs 0 ev-parse --nginx-conf conf/nginx.conf a.log
	has_line err 'ev-parse: conf/nginx.conf:9: include: conf/mime.types: No such file or directory; what it defines is not known'
}

@test "bytes of any kind in a nginx.conf are errors, not crashes" {
	for i in $(seq 60); do
		head -c 300 /dev/urandom >junk.conf
		{ cat conf/nginx.conf; cat junk.conf; } | head -c $((i * 20)) >bad.conf
		for f in junk.conf bad.conf; do
			got=0
			ev-parse --nginx-conf $f -o events main 2>err || got=$?
			[ $got -eq 0 ] || [ $got -eq 2 ]
		done
	done
}

@test "nginx's own nginx.conf of the nginx test splits all of its logs" {
	PATH=$PATH:/usr/sbin
	need nginx
	mkdir nginx
	perl "$T/parse-nginx.pl" run "$PWD/nginx" >counts
	while IFS=$'\t' read -r name format; do
		ev-parse -q --format "$format" --no-marks "nginx/$name.log" >want
		ev-parse -q --nginx-conf nginx/nginx.conf --no-marks \
		    "nginx/$name.log" >got
		same got want
	done <nginx/formats
}
