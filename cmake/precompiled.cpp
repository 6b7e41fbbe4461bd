// The target of the precompiled header needs a source; see Module.cmake.
