#include <taohf/base/digest.hpp>

#include <openssl/evp.h>

#include <cstdio>
#include <random>

namespace taohf {

struct Sha256::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr);
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(impl_->context);
}

Sha256& Sha256::update(std::string_view bytes) {
    EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size());
    return *this;
}

Sha256& Sha256::field(std::string_view bytes) {
    return update(std::to_string(bytes.size())).update(":").update(bytes);
}

std::string Sha256::hex() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(impl_->context, bytes, &length);
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string sha256(std::string_view bytes) {
    return Sha256().update(bytes).hex();
}

std::string random_hex(int digits) {
    static constexpr char alphabet[] = "0123456789abcdef";
    std::random_device device;
    std::string text;
    for (int i = 0; i < digits; ++i)
        text += alphabet[device() & 15];
    return text;
}

} // namespace taohf
