#include <string>
#include <vector>

#include <taohf/cli/app.hpp>

int main(int argc, char** argv) {
    return taohf::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
