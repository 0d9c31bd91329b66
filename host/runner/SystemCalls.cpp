#include "runner/SystemCalls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

namespace muster::runner {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the runner knows the system calls of x86-64 and 64-bit ARM"
#endif

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kTell = SECCOMP_RET_TRAP;
constexpr uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;

/// Of what an argument is asked.
enum class Test : uint16_t
{
    Equals = BPF_JEQ,
    HasBits = BPF_JSET
};

/// Used by one thread. Writes a filter in the language of the kernel.
class Filter
{
public:
    Filter()
    {
        add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
        _code.push_back(jump(BPF_JEQ, kArchitecture, 1, 0));
        add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
        loadNumber();
    }

    void always(uint32_t verdict, std::initializer_list<long> calls)
    {
        for (const auto call : calls)
        {
            _code.push_back(jump(BPF_JEQ, static_cast<uint32_t>(call), 0, 1));
            add(BPF_RET | BPF_K, verdict);
        }
    }

    /// `yes` when the low half of an argument passes the test with one of the values, else `no`.
    void when(long call, unsigned argument, Test test, std::initializer_list<uint32_t> values,
              uint32_t yes, uint32_t no)
    {
        // Behind it the number of the call is needed again: both ways out end the filter.
        const auto lines = static_cast<uint8_t>(2 + 2 * values.size());
        _code.push_back(jump(BPF_JEQ, static_cast<uint32_t>(call), 0, lines));
        add(BPF_LD | BPF_W | BPF_ABS,
            static_cast<uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(uint64_t)));
        for (const auto value : values)
        {
            _code.push_back(jump(static_cast<uint16_t>(test), value, 0, 1));
            add(BPF_RET | BPF_K, yes);
        }
        add(BPF_RET | BPF_K, no);
    }

    /// `yes` when an argument is 0, else `no`.
    void whenZero(long call, unsigned argument, uint32_t yes, uint32_t no)
    {
        const auto place = offsetof(seccomp_data, args) + argument * sizeof(uint64_t);
        _code.push_back(jump(BPF_JEQ, static_cast<uint32_t>(call), 0, 6));
        add(BPF_LD | BPF_W | BPF_ABS, place);
        _code.push_back(jump(BPF_JEQ, 0, 0, 3));
        add(BPF_LD | BPF_W | BPF_ABS, place + sizeof(uint32_t));
        _code.push_back(jump(BPF_JEQ, 0, 0, 1));
        add(BPF_RET | BPF_K, yes);
        add(BPF_RET | BPF_K, no);
    }

    bool install(uint32_t otherwise, unsigned flags)
    {
        add(BPF_RET | BPF_K, otherwise);
        const sock_fprog program{static_cast<uint16_t>(_code.size()), _code.data()};
        return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
    }

private:
    void loadNumber() { add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)); }
    void add(unsigned code, size_t value)
    {
        _code.push_back({static_cast<uint16_t>(code), 0, 0, static_cast<uint32_t>(value)});
    }
    static sock_filter jump(unsigned test, uint32_t value, uint8_t yes, uint8_t no)
    {
        return {static_cast<uint16_t>(BPF_JMP | test | BPF_K), yes, no, value};
    }

    std::vector<sock_filter> _code;
};

const char* nameOf(int call)
{
    switch (call)
    {
    case SYS_socket:
    case SYS_socketpair:
        return "open a socket";
    case SYS_clone:
#ifdef SYS_fork
    case SYS_fork:
    case SYS_vfork:
#endif
        return "start a process";
    case SYS_execve:
    case SYS_execveat:
        return "run a program";
    case SYS_ptrace:
    case SYS_process_vm_readv:
    case SYS_process_vm_writev:
        return "look into a process";
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        return "send a signal";
#ifdef SYS_open
    case SYS_open:
#endif
    case SYS_openat:
        return "open a file";
    default:
        return "do what no plugin may";
    }
}

/// Tells of a refused call, once for each, and lets it fail with EPERM.
void onRefused(int, siginfo_t* information, void* context)
{
    static std::array<std::atomic_flag, 512> told;
    const auto call = static_cast<size_t>(information->si_syscall);
    if (call < told.size() && !told[call].test_and_set())
    {
        const char* const name = nameOf(information->si_syscall);
        constexpr char kBegin[] = "muster-target-runner: refused: the plugin tried to ";
        [[maybe_unused]] auto count = ::write(STDERR_FILENO, kBegin, sizeof kBegin - 1);
        count = ::write(STDERR_FILENO, name, std::strlen(name));
        count = ::write(STDERR_FILENO, "\n", 1);
    }
    auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    machine.gregs[REG_RAX] = -EPERM;
#else
    machine.regs[0] = static_cast<unsigned long long>(-EPERM);
#endif
}

void allowComputing(Filter& filter)
{
    filter.always(kAllow, {SYS_read,
                           SYS_write,
                           SYS_futex,
                           SYS_sendmsg,
                           SYS_mmap,
                           SYS_munmap,
                           SYS_madvise,
                           SYS_mprotect,
                           SYS_mremap,
                           SYS_brk,
                           SYS_readv,
                           SYS_writev,
                           SYS_pread64,
                           SYS_lseek,
                           SYS_close,
                           SYS_fstat,
                           SYS_dup,
                           SYS_dup3,
                           SYS_pipe2,
                           SYS_eventfd2,
                           SYS_ppoll,
                           SYS_pselect6,
                           SYS_clock_gettime,
                           SYS_clock_getres,
                           SYS_clock_nanosleep,
                           SYS_nanosleep,
                           SYS_gettimeofday,
                           SYS_rt_sigaction,
                           SYS_rt_sigprocmask,
                           SYS_rt_sigreturn,
                           SYS_rt_sigpending,
                           SYS_sigaltstack,
                           SYS_restart_syscall,
                           SYS_sched_yield,
                           SYS_sched_getaffinity,
                           SYS_membarrier,
                           SYS_getpid,
                           SYS_getppid,
                           SYS_gettid,
                           SYS_getuid,
                           SYS_geteuid,
                           SYS_getgid,
                           SYS_getegid,
                           SYS_getrandom,
                           SYS_getrusage,
                           SYS_times,
                           SYS_uname,
                           SYS_sysinfo,
                           SYS_set_robust_list,
                           SYS_get_robust_list,
                           SYS_rseq,
                           SYS_set_tid_address,
                           SYS_exit,
                           SYS_exit_group,
                           SYS_seccomp,
                           SYS_newfstatat});
#if defined(__x86_64__)
    filter.always(kAllow, {SYS_poll, SYS_select, SYS_dup2, SYS_pipe, SYS_time, SYS_getrlimit,
                           SYS_arch_prctl});
#endif
}

void refuseOthers(Filter& filter)
{
    filter.always(kTell, {SYS_socket,
                          SYS_socketpair,
                          SYS_connect,
                          SYS_bind,
                          SYS_sendto,
                          SYS_execve,
                          SYS_execveat,
                          SYS_ptrace,
                          SYS_process_vm_readv,
                          SYS_process_vm_writev,
                          SYS_kill,
                          SYS_tkill,
                          SYS_rt_sigqueueinfo,
                          SYS_rt_tgsigqueueinfo,
                          SYS_pidfd_open,
                          SYS_pidfd_getfd,
                          SYS_pidfd_send_signal,
                          SYS_unlinkat,
                          SYS_mkdirat,
                          SYS_renameat2,
                          SYS_fchmodat,
                          SYS_fchownat,
                          SYS_setuid,
                          SYS_setgid,
                          SYS_mount,
                          SYS_bpf});
#if defined(__x86_64__)
    filter.always(kTell, {SYS_fork, SYS_vfork, SYS_unlink, SYS_mkdir, SYS_rename, SYS_chmod});
#endif
}

constexpr uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

} // namespace

bool restrictSystemCalls()
{
    struct sigaction action
    {};
    action.sa_sigaction = &onRefused;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (::sigaction(SIGSYS, &action, nullptr) != 0)
        return false;

    const auto own = static_cast<uint32_t>(::getpid());
    Filter filter;
    allowComputing(filter);
    refuseOthers(filter);
    // Threads, yes; processes, no. clone3 hides its flags in memory: as if it were not there.
    filter.when(SYS_clone, 0, Test::HasBits, {CLONE_THREAD}, kAllow, kTell);
    filter.when(SYS_tgkill, 0, Test::Equals, {own}, kAllow, kTell);
    filter.when(SYS_openat, 2, Test::HasBits, {kWriting}, kTell, kAllow);
#ifdef SYS_open
    filter.when(SYS_open, 1, Test::HasBits, {kWriting}, kTell, kAllow);
#endif
    // Not F_SETOWN and F_SETSIG, which send signals to others.
    filter.when(SYS_fcntl, 1, Test::Equals, {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC},
                kAllow, kUnknown);
    filter.when(SYS_prctl, 0, Test::Equals, {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA}, kAllow,
                kUnknown);
    // Asking for limits, not setting them: the new ones are at no place.
    filter.whenZero(SYS_prlimit64, 2, kAllow, kUnknown);
    return filter.install(kUnknown, 0);
}

bool forbidOpening()
{
    Filter filter;
    filter.always(kTell, {SYS_openat});
#ifdef SYS_open
    filter.always(kTell, {SYS_open});
#endif
    return filter.install(kAllow, SECCOMP_FILTER_FLAG_TSYNC);
}

} // namespace muster::runner
