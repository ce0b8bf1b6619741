# Becomes COMMAND, and holds it and all that it starts to this: nobody gets a root file system in which the slot's storage
# or what else is the sandbox's own is mounted. Run by perl as root of a sandbox: guard.pl COMMAND ARGUMENT...
#
# buildah mounts what RUN --mount asks for by names that a Dockerfile, a context or an image had a hand in, and follows
# links in them, older versions even out of their root. So the mounts are looked at when all of them are made and the step
# has not begun: at chroot and pivot_root, where the kernel (seccomp_unotify(2)) lets buildah wait for our answer. Nobody
# else can change them any more: they are in a mount namespace that is the step's own.
use strict;
use warnings;

# By the machine in our program's header: chroot, pivot_root, seccomp, prctl, and the architecture as seccomp names it.
my %machines = (62 => [161, 155, 317, 157, 0xc000003e], 183 => [51, 41, 277, 167, 0xc00000b7]);
my ($pidfd_open, $pidfd_getfd) = (434, 438);
my ($receive, $send) = (0xc0502100, 0xc0182101);
my ($continue, $refused) = (1, -1);

open(my $program, '<', '/proc/self/exe') or die "tried to read our program: $!\n";
read($program, my $header, 20);
my $machine = $machines{unpack('x18 S', $header)} or die "this processor is not known\n";
my ($chroot, $pivot_root, $seccomp, $prctl, $architecture) = @$machine;

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

sub answer {
    my ($listener) = @_;
    while (1) {
        my $question = "\0" x 80;
        if (!ioctl($listener, $receive, $question)) {
            next if $! == 2 || $! == 4; # who asked is gone, or a signal
            die "tried to wait for a question but $!\n";
        }
        my ($id, $process) = unpack('Q L', $question);
        my $refusal = refusal($process);
        print STDERR "slipway: this step may not run, because $refusal\n" if $refusal;
        my $answer = pack('Q q l L', $id, 0, $refusal ? ($refused, 0) : (0, $continue));
        ioctl($listener, $send, $answer); # who asked may be gone
    }
}

pipe(my $from_asker, my $to_guard) && pipe(my $from_guard, my $to_asker) or die "tried to make a pipe: $!\n";
my $asker = $$;
my $guard = fork() // die "tried to start the guard: $!\n";
if ($guard == 0) {
    syscall($prctl, 1, 9, 0, 0, 0); # it ends with buildah
    close $to_guard;
    my $number = <$from_asker> // exit 1;
    my $pidfd = syscall($pidfd_open, $asker, 0);
    my $fd = syscall($pidfd_getfd, $pidfd, $number + 0, 0);
    die "tried to get the descriptor of our filter: $!\n" if $fd < 0;
    open(my $listener, '+<&=', $fd) or die "tried to use the descriptor of our filter: $!\n";
    syswrite $to_asker, "ready\n";
    close $_ for $from_asker, $to_asker, $from_guard;
    answer($listener);
}

my @filter = (
    [0x20, 0, 0, 4], [0x15, 0, 3, $architecture],                         # another architecture: allow
    [0x20, 0, 0, 0], [0x15, 2, 0, $chroot], [0x15, 1, 0, $pivot_root],    # these two: ask
    [0x06, 0, 0, 0x7fff0000], [0x06, 0, 0, 0x7fc00000],
);
my $code = join '', map { pack 'S C C L', @$_ } @filter;
my $fd = syscall($seccomp, 1, 8, pack('S x6 P', scalar @filter, $code));
die "tried to watch system calls: $!\n" if $fd < 0;
syswrite $to_guard, "$fd\n";
close $to_asker;
defined readline $from_guard or die "the guard ended\n";
exec @ARGV or die "tried to start $ARGV[0]: $!\n";
