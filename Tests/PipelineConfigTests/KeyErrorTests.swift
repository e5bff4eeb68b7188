import Testing

/// Messages about keys and values, word for word: they are what people read at night. Line 6 is the first line after
/// the smallest pipeline.
struct KeyErrorTests {
    @Test(arguments: [
        ("[clean]\nsampel_rate = 1", "7: clean.sampel_rate is not a known key; did you mean clean.sample_rate?"),
        ("[clean]\nmel_bins = 80", "7: clean.mel_bins is not a known key: it belongs to [featurize]"),
        (
            "[fetch.metadata]\nquerry = \"x\"",
            "7: fetch.metadata.querry is not a known key; did you mean fetch.metadata.query?"
        ),
        (
            "[clean]\nfields.\"gain (dB)\" = { type = \"number\", mim = 1 }",
            "7: clean.fields.\"gain (dB)\".mim is not a known key; did you mean clean.fields.\"gain (dB)\".min?"
        ),
        ("[schedule]\nzzz = 1", "7: schedule.zzz is not a known key: known are due, timezone, days_back"),
        (
            "[store]\npassword = \"hunter2\"",
            "7: store.password is not a known key: secrets do not belong in pipeline.toml, but in the environment, "
                + "PGPASSFILE or ~/.aws/credentials"
        ),
    ])
    func `an unknown key is named with its line and the nearest known one`(text: String, expected: String) {
        #expect(message(about: text) == "pipeline.toml:" + expected)
    }

    @Test(arguments: [
        ("sample_rate = \"fast\"", "sample_rate must be an integer from 1000 to 768000, not \"fast\""),
        ("sample_rate = 16000.0", "sample_rate must be an integer from 1000 to 768000, not 16000.0"),
        ("sample_rate = 999", "sample_rate must be an integer from 1000 to 768000, not 999"),
        ("max_seconds = nan", "max_seconds must be a number from 0 to 86400, not nan"),
        ("max_seconds = inf", "max_seconds must be a number from 0 to 86400, not inf"),
        ("min_items = -1", "min_items must be an integer of at least 0, not -1"),
        ("channels = \"left\"", "channels must be \"mix\" or an integer from 0 to 1023, not \"left\""),
        ("channels = -1", "channels must be \"mix\" or an integer from 0 to 1023, not -1"),
        ("max_reject_ratio = 5", "max_reject_ratio must be a number from 0 to 1, not 5"),
        ("follow_wait = 60", "follow_wait must be a time span such as \"60 s\", not 60"),
        ("follow_wait = \"60\"", "follow_wait must be a time span such as \"60 s\", not \"60\""),
        ("follow_wait = \"8 d\"", "follow_wait must be from 0 s to 604800 s, not \"8 d\""),
        ("fields = 2026-11-20", "fields must be a table of tables, not the moment 2026-11-20"),
        ("fields.a = [1]", "fields.a must be a table, not a list"),
        (
            "resampler = \"soxr-hg\"",
            "resampler must be \"soxr-hq\", \"soxr-vhq\", \"samplerate-best\", \"samplerate-medium\" or "
                + "\"samplerate-fastest\", not \"soxr-hg\"; did you mean \"soxr-hq\"?"
        ),
        ("min_seconds = 70", "min_seconds is 70.0, more than max_seconds (60.0): nothing could pass"),
    ])
    func `a value of [clean] that cannot be is named with what it must be`(text: String, expected: String) {
        #expect(message(about: "[clean]\n" + text) == "pipeline.toml:7: clean." + expected)
    }

    @Test(arguments: [
        ("kind = \"whisper-mel\"\nmel_bins = 81", "8: featurize.mel_bins must be 80 or 128 for whisper-mel, not 81"),
        (
            "kind = \"whisper-mel\"\nnum_ceps = 13",
            "8: featurize.num_ceps does not apply with kind = \"whisper-mel\"; leave it out"
        ),
        (
            "kind = \"waveform\"\nmel_bins = 80",
            "8: featurize.mel_bins does not apply with kind = \"waveform\"; leave it out"
        ),
        ("kind = \"kaldi-mfcc\"\nnum_ceps = 24", "8: featurize.num_ceps is 24, more than mel_bins (23)"),
        ("normalize = \"global\"", "6: featurize.statistics is missing: normalize = \"global\" needs the file"),
        ("statistics = \"x\"", "7: featurize.statistics does not apply without normalize = \"global\""),
        ("low_freq = 900\nhigh_freq = 800", "7: featurize.low_freq must be less than high_freq (800.0), not 900.0"),
        ("snip_edges = 1", "7: featurize.snip_edges must be true or false, not 1"),
    ])
    func `features that cannot be are refused`(text: String, expected: String) {
        #expect(message(about: "[featurize]\n" + text) == "pipeline.toml:" + expected)
    }

    @Test(arguments: [
        ("model = \"digits\"", "model must be NAME@VERSION or NAME@ALIAS, not \"digits\""),
        ("model = \"a/../b@1\"", "model must be NAME@VERSION or NAME@ALIAS, not \"a/../b@1\""),
        ("model = \"\"", "model must be NAME@VERSION or NAME@ALIAS, not \"\""),
        ("device = \"gpu\"", "device must be \"auto\", \"cpu\", \"cuda\" or \"cuda:N\", not \"gpu\""),
        ("device = \"cuda:01\"", "device must be \"auto\", \"cpu\", \"cuda\" or \"cuda:N\", not \"cuda:01\""),
        (
            "precision = \"float16\"",
            "precision must be \"float32\" or \"bfloat16\", not \"float16\"; did you mean \"bfloat16\"?"
        ),
        ("memory_soft = 0.7", "memory_soft must be a percentage such as \"70%\", not 0.7"),
        ("memory_soft = \"120%\"", "memory_soft must be a percentage such as \"70%\", not \"120%\""),
        ("memory_soft = \"95%\"", "memory_soft is more than memory_hard: there would be no warning"),
    ])
    func `a value of a stage run by infer that cannot be is refused`(text: String, expected: String) {
        let model = text.hasPrefix("model") ? "" : "model = \"digits@3\"\n"
        let line = text.hasPrefix("model") ? 8 : 9
        let section = "[again]\ntool = \"infer\"\n\(model)\(text)"
        // A second stage, since the smallest pipeline has an [infer] already.
        #expect(message(about: section) == "pipeline.toml:\(line): again." + expected)
    }

    @Test(arguments: [
        (
            "{ type = \"strin\" }",
            ".type must be \"string\", \"number\", \"integer\", \"boolean\" or \"timestamp\", "
                + "not \"strin\"; did you mean \"string\"?"
        ),
        ("{}", ".type is missing: it must be \"string\", \"number\", \"integer\", \"boolean\" or \"timestamp\""),
        ("{ type = \"number\", pattern = \"x\" }", ".pattern does not apply to a number: only strings have one"),
        ("{ type = \"boolean\", max = 1 }", ".max does not apply to a boolean: only numbers have bounds"),
        ("{ type = \"number\", min = 3, max = 2 }", ".min is more than max: no number could pass"),
        ("{ type = \"integer\", min = 3, fill = 2 }", ".fill is less than min"),
        ("{ type = \"integer\", max = 3, fill = 4 }", ".fill is more than max"),
        ("{ type = \"integer\", fill = 2.5 }", ".fill must be an integer"),
        ("{ type = \"string\", fill = 2 }", ".fill must be a string"),
        ("{ type = \"string\", values = [\"a\"], fill = \"b\" }", ".fill is not one of values"),
        ("{ type = \"string\", pattern = \"[a-z]+\", fill = \"ab1\" }", ".fill does not match pattern"),
        ("{ type = \"string\", pattern = \"(\" }", ".pattern must be a regular expression, not \"(\": expected ')'"),
        (
            "{ type = \"string\", required = true, fill = \"x\" }",
            ".fill conflicts with required: a filled field is never missing"
        ),
        (
            "{ type = \"timestamp\", fill = \"yesterday\" }",
            ".fill must be \"last_modified\" or a moment such as \"2026-11-19T22:04:11Z\""
        ),
        (
            "{ type = \"timestamp\", fill = 2026-11-19T22:04:11 }",
            ".fill must be \"last_modified\" or a moment such as \"2026-11-19T22:04:11Z\""
        ),
    ])
    func `a field's rule that cannot be is refused`(rule: String, expected: String) {
        #expect(message(about: "[clean.fields]\nsite = \(rule)") == "pipeline.toml:7: clean.fields.site" + expected)
    }

    @Test(arguments: [
        ("due = \"6:00\"", "due must be a time of day from \"00:00\" to \"23:59\", not \"6:00\""),
        ("due = \"24:00\"", "due must be a time of day from \"00:00\" to \"23:59\", not \"24:00\""),
        ("due = 06:00:00", "due must be a time of day from \"00:00\" to \"23:59\", not the moment 06:00:00"),
        (
            "timezone = \"Europe/Berln\"",
            "timezone must be a time zone such as \"UTC\" or \"Europe/Berlin\", not \"Europe/Berln\""
        ),
        ("days_back = -1", "days_back must be an integer from 0 to 366, not -1"),
    ])
    func `a schedule that cannot be is refused`(text: String, expected: String) {
        #expect(message(about: "[schedule]\n" + text) == "pipeline.toml:7: schedule." + expected)
    }

    @Test func `everything wrong is reported at once, in the order of the file, arguments last`() {
        let text = """
            [clean]
            channels = "left"
            chanels = 0
            [schedule]
            due = 6
            """
        let expected = """
            pipeline.toml has 4 errors:
              pipeline.toml:7: clean.channels must be "mix" or an integer from 0 to 1023, not "left"
              pipeline.toml:8: clean.chanels is not a known key; did you mean clean.channels?
              pipeline.toml:10: schedule.due must be a time of day from "00:00" to "23:59", not 6
              --set infer.threads must be an integer from 0 to 1024, not "many"
            """
        #expect(message(about: text, "infer.threads=many") == expected)
    }
}
