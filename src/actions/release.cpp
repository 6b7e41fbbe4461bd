#include "verbs.hpp"

namespace taohf::actions::verbs {

Result<Json> release(const Json& arguments, StepContext& context) {
    TAOHF_TRY(context.services.sessions.release(text_of(arguments, "context")));
    return Json{{"context", text_of(arguments, "context")}, {"removed", true}};
}

} // namespace taohf::actions::verbs
