#include <muster/testing/CheckTarget.h>

int main(int argc, char** argv)
{
    return muster::testing::checkTarget(argc, argv);
}
