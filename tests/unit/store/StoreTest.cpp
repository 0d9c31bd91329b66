#include "store/Store.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"

#include <fstream>
#include <sys/stat.h>

using namespace muster;

class StoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StoreTest);
    FRESH_TEST(opensAgainWhatItMade);
    FRESH_TEST(refusesAStoreOfANewerMuster);
    FRESH_TEST(saysWhatIsWrongWithADamagedFile);
    FRESH_TEST(nobodyElseMayReadTheFile);
    FRESH_TEST(oneProcessHoldsTheDataDirectory);
    FRESH_TEST(saysWhichDirectoryCannotBeMade);
    CPPUNIT_TEST_SUITE_END();

public:
    void opensAgainWhatItMade()
    {
        {
            store::Store store(_directory.path());
            store.connect().execute("INSERT INTO tenant(name, document) VALUES('a', '{}')");
        }
        store::Store store(_directory.path());
        CPPUNIT_ASSERT_EQUAL(int64_t{1},
                             store.connect().value<int64_t>("SELECT COUNT(*) FROM tenant").value());
    }

    void refusesAStoreOfANewerMuster()
    {
        {
            store::Store store(_directory.path());
            store.connect().execute("PRAGMA user_version = 999");
        }
        CPPUNIT_ASSERT_THROW(store::Store(_directory.path()), ConfigError);
    }

    void saysWhatIsWrongWithADamagedFile()
    {
        std::ofstream(_directory / "muster.db") << std::string(5000, 'x');
        try
        {
            store::Store store(_directory.path());
            CPPUNIT_FAIL("a damaged file was opened");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("muster.db") != std::string::npos);
        }
    }

    void nobodyElseMayReadTheFile()
    {
        store::Store store(_directory.path());
        struct stat status = {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat((_directory / "muster.db").c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t{0600}, status.st_mode & 0777);
    }

    void oneProcessHoldsTheDataDirectory()
    {
        {
            const store::DataDirectoryLock lock(_directory.path());
            CPPUNIT_ASSERT_THROW(store::DataDirectoryLock(_directory.path()), RetryError);
        }
        const store::DataDirectoryLock again(_directory.path());
    }

    void saysWhichDirectoryCannotBeMade()
    {
        std::ofstream(_directory / "file") << "x";
        try
        {
            store::Store store(_directory / "file/below");
            CPPUNIT_FAIL("a directory was made below a file");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("file/below") != std::string::npos);
        }
    }

private:
    tests::TemporaryDirectory _directory;
};

CPPUNIT_TEST_SUITE_REGISTRATION(StoreTest);
