/* Preloaded into a process, ends it as kill -9 would at the Nth point where that could matter:
 *
 *   before each write to the store   the files named $KILLPOINT_STORE..., as SQLite writes them
 *   before each send to a server     the request never left
 *   after each receipt               the server did what was asked, nobody took note of it
 *
 * KILLPOINT_AT       which point; 0 or absent: none
 * KILLPOINT_STORE    the beginning of the store's path
 * KILLPOINT_COUNT    a file that gets the number of points when the process ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long points;

static void pass(void)
{
    static long at = -1;
    if (at < 0)
    {
        const char* const text = getenv("KILLPOINT_AT");
        at = text ? strtol(text, NULL, 10) : 0;
    }
    if (atomic_fetch_add(&points, 1) + 1 == at)
        kill(getpid(), SIGKILL);
}

static int is_store(int fd)
{
    const char* const store = getenv("KILLPOINT_STORE");
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (store == NULL || length < 0)
        return 0;
    path[length] = 0;
    return strncmp(path, store, strlen(store)) == 0;
}

static int is_connection(int fd)
{
    int domain = 0;
    int type = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
        return 0;
    size = sizeof type;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    return (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM;
}

static void pass_before_write(int fd)
{
    if (is_connection(fd) || is_store(fd))
        pass();
}

static void pass_after_read(int fd, ssize_t count)
{
    if (count > 0 && is_connection(fd))
        pass();
}

__attribute__((destructor)) static void tell(void)
{
    const char* const path = getenv("KILLPOINT_COUNT");
    FILE* const file = path ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%ld\n", atomic_load(&points));
    fclose(file);
}

/* The function that this library stands before. */
#define NEXT(type, name)                                                                           \
    static type next;                                                                              \
    if (next == NULL)                                                                              \
    *(void**)&next = dlsym(RTLD_NEXT, name)

typedef ssize_t (*Write)(int, const void*, size_t);
typedef ssize_t (*WriteAt)(int, const void*, size_t, off_t);
typedef ssize_t (*WriteVector)(int, const struct iovec*, int);
typedef int (*Truncate)(int, off_t);
typedef ssize_t (*Send)(int, const void*, size_t, int);
typedef ssize_t (*SendTo)(int, const void*, size_t, int, const struct sockaddr*, socklen_t);
typedef ssize_t (*SendMessage)(int, const struct msghdr*, int);
typedef ssize_t (*Read)(int, void*, size_t);
typedef ssize_t (*Receive)(int, void*, size_t, int);
typedef ssize_t (*ReceiveFrom)(int, void*, size_t, int, struct sockaddr*, socklen_t*);
typedef ssize_t (*ReceiveMessage)(int, struct msghdr*, int);

ssize_t write(int fd, const void* data, size_t size)
{
    NEXT(Write, "write");
    pass_before_write(fd);
    return next(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset)
{
    NEXT(WriteAt, "pwrite");
    pass_before_write(fd);
    return next(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset)
{
    NEXT(WriteAt, "pwrite64");
    pass_before_write(fd);
    return next(fd, data, size, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count)
{
    NEXT(WriteVector, "writev");
    pass_before_write(fd);
    return next(fd, parts, count);
}

int ftruncate(int fd, off_t size)
{
    NEXT(Truncate, "ftruncate");
    pass_before_write(fd);
    return next(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    NEXT(Truncate, "ftruncate64");
    pass_before_write(fd);
    return next(fd, size);
}

ssize_t send(int fd, const void* data, size_t size, int flags)
{
    NEXT(Send, "send");
    pass_before_write(fd);
    return next(fd, data, size, flags);
}

ssize_t sendto(int fd, const void* data, size_t size, int flags, __CONST_SOCKADDR_ARG address,
               socklen_t length)
{
    NEXT(SendTo, "sendto");
    pass_before_write(fd);
    return next(fd, data, size, flags, address.__sockaddr__, length);
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags)
{
    NEXT(SendMessage, "sendmsg");
    pass_before_write(fd);
    return next(fd, message, flags);
}

ssize_t read(int fd, void* data, size_t size)
{
    NEXT(Read, "read");
    const ssize_t count = next(fd, data, size);
    pass_after_read(fd, count);
    return count;
}

ssize_t recv(int fd, void* data, size_t size, int flags)
{
    NEXT(Receive, "recv");
    const ssize_t count = next(fd, data, size, flags);
    pass_after_read(fd, count);
    return count;
}

ssize_t recvfrom(int fd, void* data, size_t size, int flags, __SOCKADDR_ARG address,
                 socklen_t* length)
{
    NEXT(ReceiveFrom, "recvfrom");
    const ssize_t count = next(fd, data, size, flags, address.__sockaddr__, length);
    pass_after_read(fd, count);
    return count;
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags)
{
    NEXT(ReceiveMessage, "recvmsg");
    const ssize_t count = next(fd, message, flags);
    pass_after_read(fd, count);
    return count;
}
