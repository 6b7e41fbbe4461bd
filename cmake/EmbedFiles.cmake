# taohf_embed(name folder...): every file below the folders becomes a row of taohf::embedded_files().
# The assembler's .incbin keeps the build quick whatever their size.
function(taohf_embed name)
    set(files)
    foreach(folder ${ARGN})
        file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/*)
        list(APPEND files ${found})
    endforeach()
    list(FILTER files EXCLUDE REGEX "__pycache__|\\.pyc$|\\.ruff_cache|\\.pytest_cache")
    list(SORT files)
    set(assembly ".section .rodata\n")
    set(declarations "")
    set(rows "")
    set(index 0)
    set(paths)
    foreach(file ${files})
        string(APPEND assembly
            ".global taohf_embedded_${index}\n.global taohf_embedded_${index}_end\n"
            "taohf_embedded_${index}:\n.incbin \"${PROJECT_SOURCE_DIR}/${file}\"\ntaohf_embedded_${index}_end:\n.byte 0\n")
        string(APPEND declarations
            "extern const char taohf_embedded_${index}[];\nextern const char taohf_embedded_${index}_end[];\n")
        string(APPEND rows "        {\"${file}\", {taohf_embedded_${index}, taohf_embedded_${index}_end}},\n")
        list(APPEND paths ${PROJECT_SOURCE_DIR}/${file})
        math(EXPR index "${index} + 1")
    endforeach()
    string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
    set(out ${CMAKE_BINARY_DIR}/embedded)
    file(GENERATE OUTPUT ${out}/${name}.s CONTENT "${assembly}")
    file(GENERATE OUTPUT ${out}/${name}.cpp CONTENT
"#include <taohf/lang/embedded.hpp>

extern \"C\" {
${declarations}}

namespace taohf::lang {
std::span<const EmbeddedFile> embedded_files() {
    static const EmbeddedFile files[] = {
${rows}    };
    return files;
}
} // namespace taohf::lang
")
    set_property(SOURCE ${out}/${name}.s PROPERTY OBJECT_DEPENDS "${paths}")
    add_library(taohf_${name} STATIC ${out}/${name}.s ${out}/${name}.cpp)
    target_include_directories(taohf_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
endfunction()
