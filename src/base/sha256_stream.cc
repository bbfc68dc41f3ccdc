#include "base/sha256_stream.h"

#include <array>

namespace pdr {

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256Stream::Add(std::string_view part) {
  EVP_DigestUpdate(context_.get(), part.data(), part.size());
}

std::string Sha256Stream::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace pdr
