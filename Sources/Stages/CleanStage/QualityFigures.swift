internal import JSON
internal import Signal
internal import SoundFile

/// What clean records about a recording that passes.
///
/// Clipping is counted in the source, everything else is measured on the resulting samples. Figures that a short clip
/// cannot have (SNR under 0.2 s, bandwidth under 512 samples) are omitted.
struct QualityFigures {
    let seconds: Double
    let sound: AudioHeader
    let sourceRate: Int
    /// What the survey of several channels showed.
    let channels: ChannelChoice?
    let clippingRatio: Double
    let quality: AudioQuality

    var object: JSONObject {
        var figures: JSONObject = [
            "seconds": .figure(seconds, decimals: 3),
            "source_rate": .int(Int64(sourceRate)),
            "source_channels": .int(Int64(sound.channels)),
            "source_encoding": .string(sound.encoding.rawValue),
            "peak_dbfs": .figure(quality.peakDBFS, decimals: 1),
            "rms_dbfs": .figure(quality.rmsDBFS, decimals: 1),
            "silence_ratio": .figure(quality.silenceRatio, decimals: 4),
            "clipping_ratio": .figure(clippingRatio, decimals: 6),
            "dc_offset": .figure(quality.dcOffset, decimals: 5),
        ]
        if let snr = quality.snrDB { figures["snr_db"] = .figure(snr, decimals: 1) }
        if let bandwidth = quality.bandwidthHz { figures["bandwidth_hz"] = .int(Int64(bandwidth.rounded())) }
        for (name, value) in channels?.figures.members ?? [] { figures[name] = value }
        if sound.isOpenEnded { figures["open_ended"] = true }
        if let truncation = sound.truncation { figures["truncated"] = .string(truncation) }
        return figures
    }

    /// Rejects silence.
    func verdict(silenceDBFS: Double) -> DecodedPiece.Verdict {
        guard quality.isSilent(belowDBFS: silenceDBFS) else { return .passed(object) }
        let level = quality.loudestDBFS.text(decimals: 1)
        return .rejected(
            reason: Rejection.Reason.silent.rawValue,
            message: "the loudest 20 ms are at \(level) dBFS, silence is below \(silenceDBFS) dBFS")
    }
}
