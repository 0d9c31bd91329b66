#include "store/Secrets.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace muster::store {

class SecretsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SecretsTest);
    FRESH_TEST(keepsAValueAcrossOpenings);
    FRESH_TEST(replacesAValue);
    FRESH_TEST(forgetsARemovedSecret);
    FRESH_TEST(listsNamesInOrder);
    FRESH_TEST(makesAKeyFileForItsOwnerOnly);
    FRESH_TEST(bindsTheNameIntoTheSeal);
    FRESH_TEST(refusesAnotherKey);
    FRESH_TEST(refusesToMakeANewKeyWhileSecretsAreSealedUnderAnother);
    FRESH_TEST(refusesAKeyFileOthersMayRead);
    FRESH_TEST(takesTheKeyOfASystemdCredential);
    FRESH_TEST(refusesNamesAndValuesThatMakeNoSense);
    FRESH_TEST(sealsTheSameValueDifferentlyEachTime);
    CPPUNIT_TEST_SUITE_END();

    tests::TemporaryDirectory _folder;
    runtime::SystemClock _clock;
    Store _store{_folder.path()};
    Secrets _secrets{_store, _clock};

    std::string keyFile() const { return _folder.path() + "/secret.key"; }
    std::string sealed(const std::string& name)
    {
        return _store.connect()
            .value<std::string>("SELECT sealed FROM secret WHERE name = $1", {name})
            .value();
    }

public:
    void keepsAValueAcrossOpenings()
    {
        const std::string value("binary \0 and \xC3\xA9", 16);
        _secrets.set("a", value);
        Store again(_folder.path());
        CPPUNIT_ASSERT_EQUAL(value, Secrets(again, _clock).find("a").value());
    }
    void replacesAValue()
    {
        _secrets.set("a", "one");
        _secrets.set("a", "two");
        CPPUNIT_ASSERT_EQUAL(std::string("two"), _secrets.find("a").value());
    }
    void forgetsARemovedSecret()
    {
        _secrets.set("a", "one");
        CPPUNIT_ASSERT(_secrets.remove("a"));
        CPPUNIT_ASSERT(!_secrets.find("a"));
        CPPUNIT_ASSERT(!_secrets.remove("a"));
    }
    void listsNamesInOrder()
    {
        _secrets.set("b", "one");
        _secrets.set("a", "two");
        const auto entries = _secrets.list();
        CPPUNIT_ASSERT_EQUAL(size_t(2), entries.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), entries[0].name);
    }
    void makesAKeyFileForItsOwnerOnly()
    {
        _secrets.set("a", "one");
        struct stat status = {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(keyFile().c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t(0600), status.st_mode & 0777);
        for (const auto& entry : std::filesystem::directory_iterator(_folder.path()))
            CPPUNIT_ASSERT(entry.path().filename().string().find("secret.key.") ==
                           std::string::npos);
    }
    void bindsTheNameIntoTheSeal()
    {
        _secrets.set("a", "one");
        _secrets.set("b", "two");
        _store.connect().execute("UPDATE secret SET sealed = $1 WHERE name = 'b'", {sealed("a")});
        CPPUNIT_ASSERT_THROW(_secrets.find("b"), ConfigError);
    }
    void refusesAnotherKey()
    {
        _secrets.set("a", "one");
        std::ofstream(keyFile()) << std::string(32, 'k');
        CPPUNIT_ASSERT_THROW(_secrets.find("a"), ConfigError);
    }
    void refusesToMakeANewKeyWhileSecretsAreSealedUnderAnother()
    {
        _secrets.set("a", "one");
        std::filesystem::remove(keyFile());
        CPPUNIT_ASSERT_THROW(_secrets.set("b", "two"), ConfigError);
        CPPUNIT_ASSERT(!std::filesystem::exists(keyFile()));
        _secrets.remove("a");
        _secrets.set("b", "two");
        CPPUNIT_ASSERT_EQUAL(std::string("two"), _secrets.find("b").value());
    }
    void refusesAKeyFileOthersMayRead()
    {
        _secrets.set("a", "one");
        ::chmod(keyFile().c_str(), 0644);
        CPPUNIT_ASSERT_THROW(_secrets.find("a"), ConfigError);
    }
    void takesTheKeyOfASystemdCredential()
    {
        const auto credentials = _folder.path() + "/credentials";
        std::filesystem::create_directory(credentials);
        std::ofstream(credentials + "/muster.key") << std::string(32, 'k');
        ::setenv("CREDENTIALS_DIRECTORY", credentials.c_str(), 1);
        _secrets.set("a", "one");
        const auto value = _secrets.find("a");
        ::unsetenv("CREDENTIALS_DIRECTORY");
        CPPUNIT_ASSERT_EQUAL(std::string("one"), value.value());
        CPPUNIT_ASSERT(!std::filesystem::exists(keyFile()));
    }
    void refusesNamesAndValuesThatMakeNoSense()
    {
        for (const auto& name : {"", "a b", "../a", "ü"})
            CPPUNIT_ASSERT_THROW(_secrets.set(name, "one"), UsageError);
        CPPUNIT_ASSERT_THROW(_secrets.set("a", ""), UsageError);
        CPPUNIT_ASSERT_THROW(_secrets.set("a", std::string(65537, 'x')), UsageError);
    }
    void sealsTheSameValueDifferentlyEachTime()
    {
        _secrets.set("a", "one");
        const auto first = sealed("a");
        _secrets.set("a", "one");
        CPPUNIT_ASSERT(first != sealed("a"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecretsTest);

} // namespace muster::store
