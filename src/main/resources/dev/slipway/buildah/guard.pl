# Becomes COMMAND, and holds it and all that it starts to this: nobody gets a root file system in which the slot's storage
# or what else is the sandbox's own is mounted, and no step ends before its output is passed on. Run by perl as root of a
# sandbox: guard.pl COMMAND ARGUMENT...
#
# buildah mounts what RUN --mount asks for by names that a Dockerfile, a context or an image had a hand in, and follows
# links in them, older versions even out of their root. So the mounts are looked at when all of them are made and the step
# has not begun: at chroot and pivot_root, where the kernel (seccomp_unotify(2)) lets buildah wait for our answer. Nobody
# else can change them any more: they are in a mount namespace that is the step's own.
#
# A process of buildah's that we call the relay passes on what a step prints, by a thread that it does not wait for when the
# step has ended (chroot/run_common.go, up to today's): what that has not read by then would be lost. So its wait for the
# step, waitid, is what we answer only when there is nothing left to pass on.
use strict;
use warnings;

# The numbers of system calls, and the architecture as seccomp names it, by the machine in our program's header.
my %machines = (
    62 => {
        architecture => 0xc000003e, chroot => 161, pivot_root => 155, waitid => 247, read => 0, write => 1,
        ppoll => 271, seccomp => 317, prctl => 157,
    },
    183 => {
        architecture => 0xc00000b7, chroot => 51, pivot_root => 41, waitid => 95, read => 63, write => 64, ppoll => 73,
        seccomp => 277, prctl => 167,
    },
);
my ($pidfd_open, $pidfd_getfd) = (434, 438);
my ($receive, $send, $is_valid) = (0xc0502100, 0xc0182101, 0x40082102);
my ($continue, $refused) = (1, -1);

open(my $program, '<', '/proc/self/exe') or die "tried to read our program: $!\n";
read($program, my $header, 20);
my %number = %{$machines{unpack('x18 S', $header)} or die "this processor is not known\n"};
my ($nonblocking, $readable, $count_unread, $by_pidfd) = (04000, 1, 0x541b, 3); # O_NONBLOCK, POLLIN, FIONREAD, P_PIDFD
my $half_a_second = 500_000_000; # ns
my $patience = 5000; # looks, with a millisecond between

# What is mounted where and what of which file system it is, of a process.
sub mounts {
    my ($process) = @_;
    open(my $file, '<', "/proc/$process/mountinfo") or return;
    my @mounts;
    while (<$file>) {
        my ($device, $root, $at, $type) = /^\d+ \d+ (\S+) (\S+) (\S+) .*? - (\S+)/ or return;
        push @mounts, {device => $device, root => $root, at => $at, type => $type};
    }
    return @mounts;
}

my %sandbox = map { $_->{at} => $_ } mounts('self');
my @protected = grep { defined } @sandbox{qw(/slot /var/lib/containers /out)};
die "the slot's storage is not mounted\n" unless $sandbox{'/slot'};

sub is_within {
    my ($mount, $outer) = @_;
    return $mount->{device} eq $outer->{device}
        && ($mount->{root} eq $outer->{root} || index($mount->{root}, "$outer->{root}/") == 0);
}

# Whether a mount shows nothing but what is at its place anyway, or is a layer of the driver vfs, which mounts those.
sub is_in_place {
    my ($mount, $outer) = @_;
    my $below = substr($mount->{root}, length $outer->{root});
    return $mount->{at} eq "$outer->{at}$below" || $below =~ m{^/vfs/dir/[0-9a-f]{64}(/|$)};
}

sub refusal {
    my ($process) = @_;
    my @mounts = mounts($process) or return 'its mounts cannot be read';
    for my $mount (@mounts) {
        for my $outer (@protected) {
            return "$outer->{at} is mounted at $mount->{at}"
                if is_within($mount, $outer) && !is_in_place($mount, $outer);
        }
    }
    return;
}

sub line_of {
    my ($path) = @_;
    open(my $file, '<', $path) or return '';
    return <$file> // '';
}

# Whether the process of a pidfd ends within so many nanoseconds.
sub ends_within {
    my ($pidfd, $wait) = @_;
    my $asked = pack('l s s', $pidfd, $readable, 0);
    my $time = pack('q q', 0, $wait);
    syscall($number{ppoll}, $asked, 1, $time, 0, 0);
    return (unpack 'l s s', $asked)[2];
}

# The pipes that the relay could read, but for its own input, opened once more.
sub pipes {
    my ($relay) = @_;
    my @pipes;
    for my $fd (grep { !m{/[012]$} } glob "/proc/$relay/fd/*") {
        (my $info = $fd) =~ s{/fd/}{/fdinfo/};
        next unless (readlink($fd) // '') =~ /^pipe:/ && open(my $lines, '<', $info);
        next if grep { /^flags:\s*(\d+)/ && oct($1) & 3 } <$lines>; # it is written
        sysopen(my $pipe, $fd, $nonblocking) or next;
        push @pipes, $pipe;
    }
    return @pipes;
}

# How many bytes wait in pipes.
sub unread {
    my $bytes = 0;
    for my $pipe (@_) {
        my $length = pack('l', 0);
        $bytes += unpack('l', $length) if ioctl($pipe, $count_unread, $length);
    }
    return $bytes;
}

# What the relay's threads are at: a system call's number, or "running", or -1 where one waits for memory.
sub occupations {
    my ($relay) = @_;
    return map { line_of("$_/syscall") =~ /^(\S+)/ } glob "/proc/$relay/task/*";
}

# How many bytes the relay has read so far.
sub taken {
    my ($relay) = @_;
    return line_of("/proc/$relay/io") =~ /^rchar: (\d+)/ ? $1 : 0;
}

# Waits for the step's end, and then until the relay has passed on what was printed by then: until it does nothing, or has
# read so much more that only a daemon that the step left behind can have printed it (of two pipes it reads 8 KiB in turn).
# Its threads are looked at one after another, hence twice; and more often where there is something in a pipe, as there is
# for ever in one that it happens to have and does not read.
sub await_output {
    my ($listener, $id, $relay, $by, $step) = @_;
    if ($by == $by_pidfd) {
        open(my $info, '<', "/proc/$relay/fdinfo/$step") or return;
        ($step) = map { /^Pid:\s*(\d+)/ } <$info> or return;
    }
    return if -e "/proc/$relay/task/$step"; # Go since 1.23 first tries whether it could wait for itself
    my $pidfd = syscall($pidfd_open, $step + 0, 0);
    return if $pidfd < 0;
    until (ends_within($pidfd, $half_a_second)) {
        # a signal, for example, makes it ask again
        return unless ioctl($listener, $is_valid, my $question = pack('Q', $id));
    }
    my @pipes = pipes($relay);
    my $due = unread(@pipes);
    my $enough = taken($relay) + 2 * $due + 4 * 8192;
    my ($looks, $idle) = (0, 0);
    while ($looks < $patience && taken($relay) < $enough) {
        my $is_empty = !unread(@pipes);
        my @occupations = occupations($relay);
        $idle = (grep { /^(running|-1|$number{read}|$number{write})$/ } @occupations) ? 0 : $idle + 1;
        last if $idle >= ($is_empty ? 2 : 10);
        $looks++ unless grep { $_ eq $number{write} } @occupations; # who reads what it writes may take his time
        select(undef, undef, undef, 0.001);
    }
}

sub reply {
    my ($listener, $id, $refusal) = @_;
    my $answer = pack('Q q l L', $id, 0, $refusal ? ($refused, 0) : (0, $continue));
    ioctl($listener, $send, $answer); # who asked may be gone
}

sub answer {
    my ($listener) = @_;
    $SIG{CHLD} = 'IGNORE';
    while (1) {
        my $question = "\0" x 80;
        if (!ioctl($listener, $receive, $question)) {
            next if $! == 2 || $! == 4; # who asked is gone, or a signal
            die "tried to wait for a question but $!\n";
        }
        my ($id, $process, $call, $by, $whom) = unpack('Q L x4 l x12 Q2', $question);
        if ($call != $number{waitid}) {
            my $refusal = refusal($process);
            print STDERR "slipway: this step may not run, because $refusal\n" if $refusal;
            reply($listener, $id, $refusal);
        # A step's own process may call itself so: that holds up nobody but the step.
        } elsif (line_of("/proc/$process/cmdline") !~ /^buildah-chroot-runtime\0/ || !defined(my $child = fork())) {
            reply($listener, $id);
        } elsif ($child == 0) {
            syscall($number{prctl}, 1, 9, 0, 0, 0);
            eval { await_output($listener, $id, $process, $by, $whom) };
            reply($listener, $id);
            exit;
        }
    }
}

pipe(my $from_asker, my $to_guard) && pipe(my $from_guard, my $to_asker) or die "tried to make a pipe: $!\n";
my $asker = $$;
my $guard = fork() // die "tried to start the guard: $!\n";
if ($guard == 0) {
    syscall($number{prctl}, 1, 9, 0, 0, 0); # it ends with buildah
    close $to_guard;
    my $theirs = <$from_asker> // exit 1;
    my $pidfd = syscall($pidfd_open, $asker, 0);
    my $fd = syscall($pidfd_getfd, $pidfd, $theirs + 0, 0);
    die "tried to get the descriptor of our filter: $!\n" if $fd < 0;
    open(my $listener, '+<&=', $fd) or die "tried to use the descriptor of our filter: $!\n";
    syswrite $to_asker, "ready\n";
    close $_ for $from_asker, $to_asker, $from_guard;
    answer($listener);
}

my @asked = @number{qw(chroot pivot_root waitid)};
my @filter = (
    [0x20, 0, 0, 4], [0x15, 0, 4, $number{architecture}], # another architecture: allow
    [0x20, 0, 0, 0], (map { [0x15, 3 - $_, 0, $asked[$_]] } 0 .. 2), # these three: ask
    [0x06, 0, 0, 0x7fff0000], [0x06, 0, 0, 0x7fc00000],
);
my $code = join '', map { pack 'S C C L', @$_ } @filter;
my $fd = syscall($number{seccomp}, 1, 8, pack('S x6 P', scalar @filter, $code));
die "tried to watch system calls: $!\n" if $fd < 0;
syswrite $to_guard, "$fd\n";
close $to_asker;
defined readline $from_guard or die "the guard ended\n";
exec @ARGV or die "tried to start $ARGV[0]: $!\n";
