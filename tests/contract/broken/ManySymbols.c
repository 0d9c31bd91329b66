#include <muster/target.h>

#define HELPER(name)                                                                               \
    MUSTER_EXPORT int name(void);                                                                  \
    int name(void)                                                                                 \
    {                                                                                              \
        return 1;                                                                                  \
    }

HELPER(helper_a)
HELPER(helper_b)
HELPER(helper_c)
HELPER(helper_d)
HELPER(helper_e)

const struct muster_plugin muster_plugin = {
    MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, "many", "1", 0, 0, 0, 0, 0, 0};
