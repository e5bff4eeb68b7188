/// What a parser found: the header, and where the samples are.
struct ParsedSound {
    /// The header.
    let header: AudioHeader
    /// The samples.
    let samples: Samples

    enum Samples {
        /// Numbers that need no decoder.
        case plain(PlainLayout, ByteSource)
        /// Bytes for libsndfile.
        case sndfile(ByteSource)
        /// MP3 frames.
        case mpeg([MPEGStretch], ByteSource)
    }
}

/// What a parser does with a file that ends too early.
struct ParsingRules {
    /// Whether what is there of a truncated file is taken.
    let keepsTruncated: Bool

    /// The words for the ledger if what is there is taken.
    ///
    /// - Throws: the refusal if it is not, or if nothing is there.
    func truncation(_ error: SoundFileError, held: Int) throws(SoundFileError) -> String {
        guard keepsTruncated, held > 0, case .refused(let refusal) = error else { throw error }
        return refusal.message
    }
}
