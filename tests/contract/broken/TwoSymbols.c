#include <muster/target.h>

MUSTER_EXPORT int helper(void);

int helper(void)
{
    return 1;
}

const struct muster_plugin muster_plugin = {
    MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, "two", "1", 0, 0, 0, 0, 0, 0};
