// kaldi-native-fbank from C++, without its Python binding: knf-fbank AUDIO LENGTHS REPEATS OUT, as in
// peers/features.py.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "kaldi-native-fbank/csrc/feature-fbank.h"
#include "kaldi-native-fbank/csrc/online-feature.h"

namespace {

std::vector<std::vector<float>> Clips(const char *audio, const char *lengths) {
  std::ifstream samples(audio, std::ios::binary), lines(lengths);
  std::vector<std::vector<float>> clips;
  for (std::size_t length; lines >> length;) {
    std::vector<float> clip(length);
    samples.read(reinterpret_cast<char *>(clip.data()), static_cast<std::streamsize>(length * sizeof(float)));
    for (float &sample : clip) sample *= 32768;
    clips.push_back(std::move(clip));
  }
  return clips;
}

// The whole clip at once; each frame is computed in place, without the copies that the online interface keeps.
void Compute(knf::FbankComputer &computer, const knf::FeatureWindowFunction &window, const std::vector<float> &clip,
             std::vector<float> &features, std::vector<float> &frame) {
  const auto &options = computer.GetFrameOptions();
  const int frames = knf::NumFrames(static_cast<int64_t>(clip.size()), options, true);
  features.resize(static_cast<std::size_t>(frames) * 80);
  for (int f = 0; f < frames; ++f) {
    float energy = 0;
    // The last frame's spectrum is still there; the library does not clear what follows the samples.
    std::fill(frame.begin(), frame.end(), 0.0f);
    knf::ExtractWindow(0, clip, f, options, window, &frame, computer.NeedRawLogEnergy() ? &energy : nullptr);
    computer.Compute(energy, 1.0f, &frame, features.data() + static_cast<std::size_t>(f) * 80);
  }
}

}  // namespace

int main(int count, char **arguments) {
  if (count != 5) return 64;
  const auto clips = Clips(arguments[1], arguments[2]);
  const int repeats = std::atoi(arguments[3]);
  knf::FbankOptions options;
  options.frame_opts.dither = 0;
  options.mel_opts.num_bins = 80;
  knf::FbankComputer computer(options);
  knf::FeatureWindowFunction window(options.frame_opts);
  std::vector<float> features, frame;
  std::ofstream out(arguments[4], std::ios::binary);
  for (const auto &clip : clips) {
    Compute(computer, window, clip, features, frame);
    out.write(reinterpret_cast<const char *>(features.data()),
              static_cast<std::streamsize>(features.size() * sizeof(float)));
  }
  std::vector<double> passes;
  for (int pass = 0; pass < repeats; ++pass) {
    const auto began = std::chrono::steady_clock::now();
    for (const auto &clip : clips) Compute(computer, window, clip, features, frame);
    passes.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(passes.begin(), passes.end());
  std::printf("{\"seconds\": %.6f}\n", passes[passes.size() / 2]);
}
