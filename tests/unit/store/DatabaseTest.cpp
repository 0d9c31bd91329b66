#include "runtime/Errors.h"
#include "store/Dialect.h"
#include "store/Store.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"

using namespace muster;
using store::Database;
using store::Transaction;
using store::dialect::rows;

class DatabaseTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DatabaseTest);
    FRESH_TEST(bindsParametersByNumberWhateverTheirOrderInTheText);
    FRESH_TEST(readsMoreRowsThanAChunkHolds);
    FRESH_TEST(tellsNullFromBlank);
    FRESH_TEST(rollsBackWhatWasNotCommitted);
    FRESH_TEST(writersWaitForEachOther);
    FRESH_TEST(refusedRowIsRejected);
    FRESH_TEST(insertsAPageFromOneParameter);
    FRESH_TEST(entraIdsKeepTheirTextForm);
    FRESH_TEST(textThatIsNoEntraIdIsRefused);
    FRESH_TEST(patchRemovesNullAndKeepsAbsent);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _database.execute("CREATE TABLE t(a INTEGER UNIQUE, b TEXT) STRICT"); }

    void bindsParametersByNumberWhateverTheirOrderInTheText()
    {
        _database.execute("INSERT INTO t(b, a) VALUES($2, $1)", {int64_t{7}, "seven"});
        CPPUNIT_ASSERT_EQUAL(std::string("seven"),
                             _database.value<std::string>("SELECT b FROM t WHERE a = 7").value());
    }

    void readsMoreRowsThanAChunkHolds()
    {
        _database.execute("INSERT INTO t(a, b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
                          "i + 1 FROM n WHERE i < 2500) SELECT i, 'x' || i FROM n");
        int64_t expected = 0;
        _database.query<int64_t, std::string>("SELECT a, b FROM t ORDER BY a", {},
                                              [&](int64_t a, const std::string& b) {
                                                  ++expected;
                                                  CPPUNIT_ASSERT_EQUAL(expected, a);
                                                  CPPUNIT_ASSERT_EQUAL("x" + std::to_string(a), b);
                                              });
        CPPUNIT_ASSERT_EQUAL(int64_t{2500}, expected);
    }

    void tellsNullFromBlank()
    {
        _database.execute("INSERT INTO t(a, b) VALUES(1, ''), (2, NULL)");
        std::vector<bool> isNull;
        _database.query<std::optional<std::string>>(
            "SELECT b FROM t ORDER BY a", {},
            [&](const std::optional<std::string>& b) { isNull.push_back(!b); });
        CPPUNIT_ASSERT(isNull == std::vector<bool>({false, true}));
        _database.execute("UPDATE t SET b = $1", {std::nullopt});
        CPPUNIT_ASSERT(!_database.value<std::string>("SELECT b FROM t WHERE a = 1"));
    }

    void rollsBackWhatWasNotCommitted()
    {
        {
            Transaction transaction(_database);
            _database.execute("INSERT INTO t(a) VALUES(1)");
        }
        CPPUNIT_ASSERT_EQUAL(int64_t{0},
                             _database.value<int64_t>("SELECT COUNT(*) FROM t").value());
    }

    void writersWaitForEachOther()
    {
        auto other = _store.connect();
        other.execute("PRAGMA busy_timeout = 1");
        Transaction transaction(_database);
        CPPUNIT_ASSERT_THROW(Transaction{other}, RetryError);
        transaction.commit();
        Transaction{other}.commit();
    }

    void refusedRowIsRejected()
    {
        _database.execute("INSERT INTO t(a) VALUES(1)");
        CPPUNIT_ASSERT_THROW(_database.execute("INSERT INTO t(a) VALUES(1)"), RejectedError);
    }

    void insertsAPageFromOneParameter()
    {
        const auto changed = _database.execute("INSERT INTO t(a, b) SELECT a, b FROM " +
                                                   rows("$1", "a integer, b text"),
                                               {R"([[1, "it's \"one\""], [2, null], [3, "三"]])"});
        CPPUNIT_ASSERT_EQUAL(size_t{3}, changed);
        CPPUNIT_ASSERT_EQUAL(std::string("三"),
                             _database.value<std::string>("SELECT b FROM t WHERE a = 3").value());
    }

    void entraIdsKeepTheirTextForm()
    {
        const std::string id = "3f0c0e0e-0000-4000-8000-0000000000ff";
        CPPUNIT_ASSERT_EQUAL(id, _database
                                     .value<std::string>("SELECT entra_text(entra_id($1))",
                                                         {"3F0C0E0E-0000-4000-8000-0000000000FF"})
                                     .value());
        CPPUNIT_ASSERT_EQUAL(int64_t{16},
                             _database.value<int64_t>("SELECT length(entra_id($1))", {id}).value());
    }

    void textThatIsNoEntraIdIsRefused()
    {
        for (const std::string id : {"", "x", "3f0c0e0e-0000-4000-8000-00000000000g",
                                     "3f0c0e0e00004000800000000000000000000"})
            CPPUNIT_ASSERT_THROW(_database.value<std::string>("SELECT entra_id($1)", {id}),
                                 ConfigError);
    }

    void patchRemovesNullAndKeepsAbsent()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"a":1,"c":3})"),
            _database
                .value<std::string>("SELECT " + store::dialect::mergePatch("$1", "$2"),
                                    {R"({"a":1,"b":2})", R"({"b":null,"c":3})"})
                .value());
    }

private:
    tests::TemporaryDirectory _directory;
    store::Store _store{_directory.path()};
    Database _database = _store.connect();
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTest);
