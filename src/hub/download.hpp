#pragma once

#include "hub_cache.hpp"
#include "hub_client.hpp"

namespace taohf::hub {

/// Brings what a port needs of one revision into the cache: configuration, processor, tokenizer,
/// model card and, for classes that can be ported, the weights; Python code only where it is
/// allowed, and before the weights. An interrupted transfer goes on
/// where it stopped, also one of huggingface_hub; a file appears only after its checksum was right;
/// two downloads of one file, by whichever client, take turns. Returns the commit.
Result<std::string> download_model(host::Host& host,
                                   const HubSettings& settings,
                                   const ModelId& id,
                                   const Watch& watch,
                                   RemoteCode code);

} // namespace taohf::hub
