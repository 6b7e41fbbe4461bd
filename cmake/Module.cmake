# What nearly every source reads, compiled once; a source still includes what it uses.
add_library(taohf_precompiled STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
target_link_libraries(taohf_precompiled PRIVATE nlohmann_json::nlohmann_json fmt::fmt tl-expected taohf_options)
target_precompile_headers(taohf_precompiled PRIVATE
    <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional> <string> <string_view> <vector>
    <fmt/format.h> <nlohmann/json.hpp> <tl/expected.hpp>)

# taohf_module(name LINKS ... PRIVATE_LINKS ...): a static library from src/<name>/*.cpp.
function(taohf_module name)
    cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    if(NOT sources)
        add_library(taohf_${name} INTERFACE)
        target_include_directories(taohf_${name} INTERFACE ${PROJECT_SOURCE_DIR}/include)
        target_link_libraries(taohf_${name} INTERFACE ${ARG_LINKS})
        return()
    endif()
    add_library(taohf_${name} STATIC ${sources})
    target_include_directories(taohf_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(taohf_${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS} taohf_options)
    target_precompile_headers(taohf_${name} REUSE_FROM taohf_precompiled)
endfunction()
