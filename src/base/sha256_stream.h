// SHA-256 of what comes in parts, over OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace pdr {

class Sha256Stream {
 public:
  Sha256Stream();
  void Add(std::string_view part);
  std::string Finish();  // 32 bytes; once

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace pdr
