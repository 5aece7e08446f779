#!/usr/bin/perl
# parse-nginx.pl run DIR [SEED]      nginx writes one traffic in many formats
# parse-nginx.pl check DIR NAME EVENTS REJECTS    what ev-parse made of one
#
# run starts Debian's nginx in DIR, on loopback and on a socket of its own,
# sends it hostile requests one after the other, so that the n-th line of each
# log is the n-th request, and stops it.  DIR/formats has a line for each log:
# its name, a TAB, and nginx's string.  What a client cannot know (the time, a
# decoded path) nginx says itself, in two logs of all variables, DIR/ref.json
# and DIR/ref.default, which are decoded here and share no code with ev-parse;
# what the client sent is compared with them, byte for byte, at once.
#
# check compares each property of EVENTS with that; it dies where one differs.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use MIME::Base64 qw(encode_base64);
use POSIX qw(strftime);
use Storable qw(store retrieve);
use Time::HiRes qw(sleep);

my $combined = '$remote_addr - $remote_user [$time_local] "$request" '
    . '$status $body_bytes_sent "$http_referer" "$http_user_agent"';

# Name, escape and string, as in nginx.conf.
my @formats = (
    [ 'combined', 'default', $combined ],
    [ 'main', 'default', "$combined \"\$http_x_forwarded_for\"" ],
    [ 'vhost', 'default',
        "\$host $combined rt=\$request_time id=\$request_id" ],
    [ 'd_cookie', 'default', '$msec "$request" "$http_cookie" $status' ],
    [ 'd_tabs', 'default', '$time_iso8601\t$remote_addr\t$request_method\t'
        . '$request_uri\t$server_protocol\t$status\t$bytes_sent' ],
    [ 'd_names', 'default', 'h="$host" hh="$http_host" sn=$server_name '
        . '[$time_local] "$request_method" "$request_uri" "$query_string" '
        . '"$uri" $status' ],
    [ 'd_numbers', 'default', '[$time_local] $request_length $connection '
        . '$connection_requests $pid $request_time $request_id "$request"' ],
    [ 'd_families', 'default', '$msec "$arg_a" "$cookie_sid" "$http_x_bytes" '
        . '"$sent_http_content_type" $sent_http_content_length '
        . '"$sent_http_x_none" "$request"' ],
    [ 'd_upstream', 'default', '[$time_iso8601] ua="$upstream_addr" '
        . 'us="$upstream_status" ut="$upstream_response_time" '
        . 'uh="$upstream_header_time" uc="$upstream_connect_time" '
        . 'ul="$upstream_response_length" "$request"' ],
    [ 'd_lists', 'default', '$time_iso8601 s=$upstream_status '
        . 't=$upstream_response_time "$request" $status' ],
    [ 'd_counted', 'default', '$msec $upstream_addr '
        . '$upstream_response_length $upstream_response_time '
        . '$upstream_status $http_x_bytes' ],
    [ 'd_quotes', 'default',
        '$msec\t\'$http_user_agent\'\t\"$http_referer\"\t$status' ],
    [ 'd_braces', 'default', '${remote_addr}#${connection} [${time_local}] '
        . '"${request}" ${status}x${body_bytes_sent}' ],
    [ 'd_bare', 'default', '[$time_local] $request $status $body_bytes_sent' ],
    [ 'd_user', 'default', '$remote_user [$time_local] $status' ],
    [ 'd_args', 'default', '$msec $status "$args" "$http_x_bytes"' ],
    [ 'd_bytes', 'default', '$msec $http_x_bytes' ],
    [ 'd_dollar', 'default', 'a=100% \\\\ "$request_uri" b\'c $msec [end]' ],
    [ 'j_all', 'json', '{"time":"$time_iso8601","msec":$msec,'
        . '"remote_addr":"$remote_addr","host":"$host",'
        . '"method":"$request_method","uri":"$request_uri","args":"$args",'
        . '"request":"$request","status":$status,"bytes":$body_bytes_sent,'
        . '"rt":$request_time,"urt":"$upstream_response_time",'
        . '"referer":"$http_referer","ua":"$http_user_agent",'
        . '"xff":"$http_x_forwarded_for","id":"$request_id"}' ],
    [ 'j_cookie', 'json', '{"t":"$time_local","c":"$http_cookie",'
        . '"r":"$request","s":"$status"}' ],
    [ 'j_bytes', 'json', '{"b":"$http_x_bytes","t":$msec}' ],
    [ 'j_host', 'json', '{"h":"$host","hh":"$http_host","t":$msec,'
        . '"q":"$query_string","d":"$document_uri"}' ],
    [ 'j_user', 'json',
        '{"u":"$remote_user","t":"$time_iso8601","a":"$remote_addr"}' ],
    [ 'j_families', 'json', '{"t":$msec,"a":"$arg_a","c":"$cookie_sid",'
        . '"x":"$http_x_bytes","s":"$sent_http_x_none","r":"$request"}' ],
    [ 'j_numbers', 'json', '{"t":$msec,"l":$request_length,"c":$connection,'
        . '"n":$sent_http_content_length,"s":$status,"r":"$request_uri"}' ],
    [ 'j_counted', 'json', '$msec $upstream_addr $upstream_status '
        . '$http_x_bytes' ],
    [ 'j_upstream', 'json', '{"t":$msec,"ua":"$upstream_addr",'
        . '"us":"$upstream_status","ut":"$upstream_response_time",'
        . '"r":"$request"}' ],
    [ 'j_array', 'json', '["$msec","$request","$http_user_agent"]' ],
    [ 'j_bare', 'json', '$msec $request' ],
    [ 'n_bytes', 'none', '$remote_addr\t$msec\t$http_x_bytes|' ],
    [ 'n_request', 'none', '$msec $status $request' ],
    [ 'n_uri', 'none', '$request_uri $msec' ],
    [ 'n_agent', 'none', '$time_iso8601 $http_user_agent' ],
    [ 'n_cookie', 'none', '$msec\t$request_id\t$remote_addr\t$status\t'
        . '$request_method\t$http_cookie' ],
    [ 'n_referer', 'none', '$status $body_bytes_sent $request_time $msec '
        . '"$http_referer"' ],
    [ 'n_args', 'none', '[$time_local] $request_length args=$args' ],
    [ 'n_user', 'none', '$remote_user [$time_local]' ],
);

# Only to show what nothing can undo.
my @lossy = ([ 'l_path', 'none', '$msec $uri' ]);

sub variables_of {
	my ($text) = @_;
	my %seen;
	return grep { !$seen{$_}++ } $text =~ /\$\{?(\w+)/g;
}

my %union = map { $_ => 1 } map { variables_of($_->[2]) } @formats;
my @union = sort keys %union;

sub quoted { my ($s) = @_; $s =~ s/'/\\'/g; return "'$s'"; }

sub nginx_conf {
	my ($port) = @_;
	my ($define, $write) = ('', '');
	my $ref = join '\t', map { "\"\$$_\"" } @union;

	for my $f (@formats, @lossy,
	    [ 'ref.json', 'json', $ref ], [ 'ref.default', 'default', $ref ]) {
		my ($name, $escape, $text) = @$f;
		$define .= "log_format $name escape=$escape ". quoted($text)
		    . ";\n" if $name ne 'combined';
		$write .= "access_log $name.log $name;\n";
	}
	return <<EOC;
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 64; }
http {
client_body_temp_path tmp;
proxy_temp_path tmp;
fastcgi_temp_path tmp;
uwsgi_temp_path tmp;
scgi_temp_path tmp;
lingering_close off;
$define
upstream up {
	server 127.0.0.1:1 max_fails=0;
	server unix:up.sock max_fails=0;
}
server {
	listen unix:up.sock;
	access_log off;
	location / { return 200 "upstream"; }
}
server {
	listen 127.0.0.1:$port;
	listen unix:down.sock;
	server_name example.test;
	merge_slashes on;
	$write
	location / { default_type text/plain; return 200 "ok"; }
	location /p/ { proxy_pass http://up; }
	location /q/ { proxy_pass http://127.0.0.1:1; error_page 502 = \@up; }
	location /r/ { proxy_pass http://127.0.0.1:1; error_page 502 = \@no; }
	location \@up { proxy_pass http://up; }
	location \@no { proxy_pass http://\$http_x_none; }
	location /none { return 204; }
}
}
EOC
}

# --- what is sent ---

sub pick { return $_[ int rand @_ ]; }

# Any byte that may stand there: not those that nginx ends the value at.
sub bytes {
	my ($n, @not) = @_;
	my %not = map { $_ => 1 } @not;
	my $s = '';
	while (length $s < $n) {
		my $c = chr int rand 256;
		$s .= $c unless $not{$c};
	}
	return $s;
}

sub header_value {
	my $v = pick(
		sub { bytes(int rand 80, "\0", "\r", "\n") },
		sub { bytes(int rand 80, "\0", "\r", "\n") },
		sub { '' },
		sub { '-' },
		sub { '"' x (1 + int rand 5) . '\\' x int rand 5 },
		sub { pick('\x22', '\\\\"', '%00', '\N', "\t", '" 200 "', '\u0041',
		    '"}', "\\", '[22/Nov/2026:23:28:52 +0000]') },
		sub { "caf\xc3\xa9 \xe2\x82\xac \xed\xa0\x80" },
		sub { 'Mozilla/5.0 (X11; Linux x86_64)' },
	)->();
	# nginx takes blanks off both ends.
	$v =~ s/^ +| +$//g;
	return $v;
}

my @blank = map { chr } 0 .. 32, 127;

sub path_piece {
	return pick(
		sub { bytes(int rand 30, @blank, '%', '?', '#', '/') },
		sub { join '', map { sprintf '%%%02x', 1 + int rand 255 }
		    1 .. int rand 10 },
		sub { pick('.', '..', '', '...', '.x', '%2e%2E', '%2F', '%25') },
		sub { 'lessons' },
	)->();
}

sub query {
	return join '&', map {
		pick('a', 'A', 'utm_source', 'b', bytes(3, @blank, "&", "=", "#", "%"))
		. pick('', '=', '=', '=', '=')
		. pick(
		    sub { bytes(int rand 20, @blank, '&', '#') },
		    sub { pick('x+y', '%41%00%26', '%', '%zz', '-', '', '=') },
		)->()
	} 0 .. int rand 8;
}

sub uri {
	my $u = '/' . join '/', map { path_piece() } 1 .. int rand 5;
	$u = pick('/p/', '/q/', '/r/', '/none', '/') if rand() < 0.3;
	$u .= '?' . query() if rand() < 0.6;
	$u .= '#' . bytes(int rand 5, @blank) if rand() < 0.03;
	return $u;
}

sub cookies {
	return join pick('; ', ';', ';  '), map {
		pick('sid', 'SID', 'uid', bytes(2, ' ', "\0", "\r", "\n", ";", "="))
		. pick('=', '=', '=', '', ' = ')
		. bytes(int rand 20, "\0", "\r", "\n", ';')
	} 0 .. int rand 5;
}

# The n-th request: what goes over the wire, and what it said.
sub request {
	my ($n) = @_;
	my (%sent, @head);
	my $kind = rand;

	if ($n % 40 == 7) {
		# TLS, or any bytes: nginx keeps those before the first CR or LF.
		my $raw = rand() < 0.5
		    ? "\x16\x03\x01" . pack('n', 300) . bytes(300)
		    : pick("\x80", "\xff", 'get', '<', '{') . bytes(int rand 500);
		($sent{request}) = "$raw\n" =~ /^([^\r\n]*)/;
		return ($raw, \%sent, 'garbage');
	}
	return ("\r\n", { request => '' }, 'empty') if $n % 200 == 33;
	if ($n % 200 == 101) {
		$sent{request} = 'GET /' . bytes(9000, @blank, '%', '#', '?')
		    . ' HTTP/1.1';
		return ("$sent{request}\r\n\r\n", \%sent, 'huge');
	}
	my $method = pick('GET', 'GET', 'GET', 'HEAD', 'POST', 'PROPFIND', 'X_Y-Z');
	my $uri = uri();
	$uri = '/' . bytes(7000, @blank, '%', '#', '?') if $n % 200 == 57;
	$uri = pick('/a b', "/a\tb", '/%', '/%0', '/%00', '/../x', '/a b c',
	    "/\x7f", "/\x01") if $n % 30 == 11;
	my $absolute = rand() < 0.05 ? pick('http://other.test',
	    'https://x.test:8080', 'HTTP://1.2.3.4') : '';
	my $protocol = pick('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0');
	$sent{request} = "$method $absolute$uri $protocol";
	$sent{request_method} = $method;
	$sent{request_uri} = $uri;
	push @head, [ 'Host', pick('example.test', 'EXAMPLE.test:80', 'a.test.',
	    'b_c.test', '[::1]:80', "x\xe9.test", '127.0.0.1') ];
	push @head, [ 'Referer', header_value() ] if rand() < 0.8;
	push @head, [ 'User-Agent', header_value() ] if rand() < 0.9;
	push @head, [ 'X-Bytes', header_value() ] if rand() < 0.8;
	$head[-1][1] = bytes(7000, "\0", "\r", "\n", ' ') if $n % 200 == 81;
	push @head, [ 'X-Forwarded-For', pick('192.0.2.1', header_value()) ]
	    if rand() < 0.5;
	push @head, [ 'Cookie', cookies() ] if rand() < 0.7;
	$head[-1][1] =~ s/^ +| +$//g;
	if (rand() < 0.3) {
		my $user = bytes(1 + int rand 12, "\0", "\r", "\n", ':');
		push @head, [ 'Authorization',
		    'Basic ' . encode_base64("$user:pw", '') ];
		$sent{remote_user} = $user;
	}
	my %name = (Referer => 'http_referer', 'User-Agent' => 'http_user_agent',
	    'X-Bytes' => 'http_x_bytes', Cookie => 'http_cookie',
	    'X-Forwarded-For' => 'http_x_forwarded_for', Host => 'http_host');
	$sent{$_} = undef for values %name;
	for (@head) {
		$sent{$name{$_->[0]}} = $_->[1] if $name{$_->[0]};
	}
	my $raw = "$sent{request}\r\n"
	    . join('', map { "$_->[0]: $_->[1]\r\n" } @head)
	    . "Connection: close\r\nContent-Length: 0\r\n\r\n";
	return ($raw, \%sent, 'request');
}

sub talk {
	my ($s, $raw, $end) = @_;
	local $SIG{PIPE} = 'IGNORE';
	syswrite $s, $raw;
	shutdown $s, 1 if $end;
	1 while sysread $s, my $junk, 65536;
}

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
	    or die "loopback: $!\n";
	return $s->sockport;
}

sub start_nginx {
	my ($dir) = @_;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		chdir $dir or die "$dir: $!\n";
		exec 'nginx', '-p', "$dir/", '-e', 'error.log', '-c', 'nginx.conf'
		    or die "nginx: $!\n";
	}
	for (1 .. 100) {
		return $pid if -S "$dir/down.sock"
		    && IO::Socket::UNIX->new(Peer => "$dir/down.sock");
		sleep 0.05;
	}
	die "nginx does not start: see $dir/error.log\n";
}

# --- what nginx says about it ---

my %json = ('"' => '"', '\\' => '\\', n => "\n", r => "\r", t => "\t",
    b => "\b", f => "\f");

sub json_bytes {
	my ($s) = @_;
	$s =~ s/\\(?:u00([0-9A-F]{2})|(.))/defined $1 ? chr hex $1 : $json{$2}/ge;
	return $s;
}

sub default_bytes { my ($s) = @_; $s =~ s/\\x(..)/chr hex $1/ge; return $s; }

sub read_lines {
	my ($path) = @_;
	open my $f, '<:raw', $path or die "$path: $!\n";
	chomp(my @lines = <$f>);
	return @lines;
}

# A hash for each line: the bytes of each variable, undef where it is missing.
sub truth {
	my ($dir) = @_;
	my @json = read_lines("$dir/ref.json.log");
	my @default = read_lines("$dir/ref.default.log");
	my @rows;

	for my $i (0 .. $#json) {
		# Neither escape writes a TAB.
		my @j = map { s/^"|"$//gr } split /\t/, $json[$i], -1;
		my @d = map { s/^"|"$//gr } split /\t/, $default[$i], -1;
		my %row;
		for my $k (0 .. $#union) {
			my ($v, $w) = (json_bytes($j[$k]), default_bytes($d[$k]));
			my $missing = $v eq '' && $w eq '-';
			die "line $i: $union[$k]: $v is not $w\n"
			    unless $missing || $v eq $w;
			$row{ $union[$k] } = $missing ? undef : $v;
		}
		push @rows, \%row;
	}
	return \@rows;
}

sub show {
	my ($v) = @_;
	return 'nothing' unless defined $v;
	$v =~ s/([^ -~])/sprintf '<%02x>', ord $1/ge;
	return length $v > 300 ? substr($v, 0, 300) . '...' : "'$v'";
}

sub differ {
	my ($x, $y) = @_;
	return defined $x != defined $y || defined $x && $x ne $y;
}

sub compare_sent {
	my ($sent, $rows) = @_;
	my %n;

	die scalar @$sent . " requests are " . @$rows . " lines\n"
	    if @$sent != @$rows;
	for my $i (0 .. $#$sent) {
		my ($want, $kind) = @{ $sent->[$i] };
		my $row = $rows->[$i];
		# Of a refused request nginx looks at the first line only, and
		# of one that fits no buffer it keeps what does.
		my $refused = $row->{status} >= 400 && $row->{status} < 500;
		$n{$kind}++;
		$n{refused}++ if $refused;
		for my $name (sort keys %$want) {
			next if $refused && $name ne 'request';
			next unless $union{$name};
			my ($x, $y) = ($want->{$name}, $row->{$name});
			next if $kind eq 'huge' && $y ne ''
			    && index($x, $y) == 0 && length $y == 8192;
			die 'line ', $i + 1, ": $name: sent ", show($x),
			    ', nginx logged ', show($y), "\n" if differ($x, $y);
		}
	}
	$n{all} = @$sent;
	return \%n;
}

sub run {
	my ($dir, $seed) = @_;
	srand($seed // 20261123);
	my $port = free_port();
	mkdir "$dir/tmp";
	open my $f, '>', "$dir/nginx.conf" or die "$dir: $!\n";
	print $f nginx_conf($port);
	close $f;
	my $pid = start_nginx($dir);
	my @sent;
	for my $n (1 .. 2400) {
		my ($raw, $sent, $kind) = request($n);
		my $s = $n % 5
		    ? IO::Socket::INET->new("127.0.0.1:$port")
		    : IO::Socket::UNIX->new(Peer => "$dir/down.sock");
		die "nginx is gone: $!\n" unless $s;
		talk($s, $raw, $kind ne 'request');
		push @sent, [ $sent, $kind ];
	}
	kill 'QUIT', $pid;
	waitpid $pid, 0;
	my $rows = truth($dir);
	my $n = compare_sent(\@sent, $rows);
	store($rows, "$dir/truth");
	open $f, '>', "$dir/formats" or die "$dir: $!\n";
	print $f "$_->[0]\tescape=$_->[1] $_->[2]\n" for @formats;
	print map { "$_ $n->{$_}\n" } sort keys %$n;
}

# --- what ev-parse says ---

sub decoded { my ($s) = @_; $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $s; }

# The pairs of a query or of a Cookie header: the first of each name.
sub first_of {
	my ($text, $separator, $trim, $decode) = @_;
	my %first;
	for (split /$separator/, $text // '') {
		my ($k, $v) = /^([^=]*)=(.*)$/s or next;
		s/^[ \t]+//, s/ +$// for $trim ? $k : ();
		$v =~ s/^ +// if $trim;
		next if $k eq '';
		($v = decoded($v =~ tr/+/ /r)) if $decode;
		$first{ $k =~ tr/A-Z/a-z/r } //= $v;
	}
	return \%first;
}

# What the properties of a row must be, in a log of these variables.
sub expected {
	my ($row, $escape, @names) = @_;
	my %has = map { $_ => 1 } @names;
	my %want;
	my $seen = sub {
		my ($v) = @_;
		return undef if $escape eq 'default' && defined $v && $v eq '-';
		return undef if $escape ne 'default' && defined $v && $v eq '';
		return $v;
	};
	$want{$_} = $seen->($row->{$_}) for @names;
	return \%want;
}

sub map_of {
	my ($text) = @_;
	return { map { my ($k, $v) = split /=/, $_, 2; (decoded($k), decoded($v)) }
	    split /&/, $text };
}

sub check {
	my ($dir, $name, $events, $rejects) = @_;
	my $rows = retrieve("$dir/truth");
	my ($f) = grep { $_->[0] eq $name } @formats;
	my ($escape, @names) = ($f->[1], variables_of($f->[2]));
	my %has = map { $_ => 1 } @names;
	my %rejected;

	for (-e $rejects ? read_lines($rejects) : ()) {
		my ($reason, undef, $line) = split /\t/;
		$rejected{$line} = $reason;
	}
	my @lines = grep { !/^#/ } read_lines($events);
	for my $i (0 .. $#$rows) {
		my $row = $rows->[$i];
		my $at = "$name: line " . ($i + 1);
		# Without an escape a NUL stands in the line as it is.
		my $nul = $escape eq 'none'
		    && grep { defined $row->{$_} && $row->{$_} =~ /\0/ } @names;
		if ($nul || $rejected{ $i + 1 }) {
			die "$at: ", $rejected{ $i + 1 } // 'no', " reject\n"
			    unless $nul && ($rejected{ $i + 1 } // '') eq 'nul';
			next;
		}
		my @col = split /\t/, shift @lines // die "$at: no event\n";
		my $got = map_of($col[7]);
		my $want = expected($row, $escape, @names);
		# What is not logged but follows from what is.
		my $request = $has{request} && defined $want->{request};
		my $derive = $request || $has{request_uri};
		if ($request) {
			for (qw(request_method request_uri server_protocol)) {
				next if $has{$_};
				$want->{$_} = $row->{$_};
				# nginx forgets parts of a line that it refuses.
				$want->{$_} = $got->{$_} if ($row->{$_} // '') eq ''
				    && index($want->{request}, $got->{$_} // '') >= 0;
			}
		}
		if ($derive && defined $row->{uri} && $row->{uri} ne '') {
			$want->{uri} = $row->{uri} unless $has{uri};
		}
		for my $k (sort keys %$want) {
			next if $k =~ /^(arg|cookie)_/;
			die "$at: $k is ", show($got->{$k}), ', not ',
			    show($want->{$k}), "\n"
			    if differ($got->{$k}, $want->{$k});
		}
		my $args = $want->{args} // $want->{query_string};
		if (!$has{args} && !$has{query_string} && $derive) {
			($args) = ($want->{request_uri} // '') =~ /^[^?#]*\?([^#]*)/s;
			die "$at: args\n" if defined $row->{args}
			    && $args ne $row->{args};
		}
		my $first = first_of($args, '&', 0, 1);
		$first->{a} = $want->{arg_a} if $has{arg_a} && defined $want->{arg_a};
		family($at, 'arg_', $got, $first);
		$first = first_of($want->{http_cookie}, ';', 1, 0);
		$first->{sid} = $want->{cookie_sid}
		    if $has{cookie_sid} && defined $want->{cookie_sid};
		family($at, 'cookie_', $got, $first);
		my $time = strftime('%Y-%m-%d %H:%M:%S', gmtime $row->{msec});
		$time .= substr $row->{msec}, -4 if $has{msec};
		die "$at: $col[6], not $time\n" if $col[6] ne $time;
	}
	die "$name: more events than lines\n" if @lines;
}

sub family {
	my ($at, $prefix, $got, $want) = @_;
	my %have = map { substr($_, length $prefix) => $got->{$_} }
	    grep { index($_, $prefix) == 0 } keys %$got;
	for my $k (sort keys %{ { %have, %$want } }) {
		die "$at: $prefix", show($k), ' is ', show($have{$k}), ', not ',
		    show($want->{$k}), "\n" if differ($have{$k}, $want->{$k});
	}
}

my ($command, @args) = @ARGV;
if (($command // '') eq 'run') {
	run(@args);
} elsif (($command // '') eq 'check') {
	check(@args);
} elsif (($command // '') eq 'variables') {
	print join(',', grep { !/^(arg|cookie)_/ } @union,
	    qw(request_method request_uri server_protocol uri)), "\n";
} else {
	die "usage: parse-nginx.pl run|check|variables ...\n";
}
