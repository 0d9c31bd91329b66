#pragma once

#include "TargetFixture.h"

#include <memory>
#include <string>
#include <vector>

namespace muster::tests {

/// The DeskDirector target, in account 42.
class DeskTargetFixture : public TargetFixture
{
protected:
    DeskTargetFixture();

    /// A channel with these settings merged into good ones.
    std::unique_ptr<plugins::TargetChannel> open(const Json& changes = Json::object());

    Content read(plugins::TargetChannel& channel, const std::vector<std::string>& kinds,
                 const std::vector<std::string>& groups = {});

    static plugins::ChangeRequest contact(int64_t id, const std::string& address);
    static plugins::ChangeRequest group(int64_t id, const std::string& name);
    static plugins::ChangeRequest link(int64_t id, const std::string& contact,
                                       const std::string& group, const std::string& role);
    static plugins::ChangeRequest unlink(int64_t id, const std::string& contact,
                                         const std::string& group);

    /// Makes n contacts of account 42 as if a person had.
    void seedContacts(int count);
    size_t writes() const;
};

} // namespace muster::tests
