#include "Applier.h"
#include "Checker.h"
#include "Reader.h"

#include <muster/Target.hpp>

namespace itglue {

using muster::target::Change;
using muster::target::Host;
using muster::target::Output;
using muster::target::ReadRequest;
using muster::target::SettingError;
using muster::target::Target;

/// One IT Glue account.
class ItGlue : public Target
{
public:
    ItGlue(Host& host, const Json& settings)
        : _account(host, settings),
          _catalogue(_account, settings),
          _bulk(settings.value("bulk", size_t{50}))
    {
        if (settings.contains("region") == settings.contains("url"))
            throw SettingError("region", "give either region or url");
    }

    void check(const std::vector<Json>& scopes, Output& output) override
    {
        itglue::check(_account, _catalogue, scopes, output);
    }

    void read(const ReadRequest& request, Output& output) override
    {
        itglue::read(_account, _catalogue, request, output);
    }

    void apply(const Json& scope, const std::vector<Change>& changes, Output& output) override
    {
        itglue::apply(_account, _catalogue, _bulk, scope, changes, output);
    }

private:
    Account _account;
    Catalogue _catalogue;
    size_t _bulk;
};

} // namespace itglue

MUSTER_TARGET(itglue::ItGlue, "itglue", "1.0.0");
