import Fault
import PipelineConfig
import Testing

struct StageGraphTests {
    private static let fetch = "format = 1\n[fetch]\nsource = \"x\"\n"

    private static func stages(_ text: String) throws -> [String] {
        try parse(text).stages.map { "\($0.stage)(\($0.inputs.joined(separator: ",")))" }
    }

    @Test func `stages are there when declared or needed, in the order of running`() throws {
        #expect(try Self.stages(Self.fetch) == ["fetch()"])
        #expect(
            try Self.stages(smallest)
                == ["fetch()", "clean(fetch)", "featurize(clean)", "infer(featurize)", "store(infer)"])
        #expect(
            try Self.stages(Self.fetch + "[infer]\nmodel = \"a@1\"\ninput = \"clean\"")
                == ["fetch()", "clean(fetch)", "infer(clean)", "store(infer)"])
        let two = """
            [store]
            input = ["transcribe", "translate"]
            [translate]
            tool = "infer"
            input = "transcribe"
            model = "b@1"
            [transcribe]
            tool = "infer"
            input = "clean"
            model = "a@1"
            """
        #expect(
            try Self.stages(Self.fetch + two)
                == [
                    "fetch()", "clean(fetch)", "transcribe(clean)", "translate(transcribe)",
                    "store(transcribe,translate)",
                ])
    }

    @Test func `clean and featurize can be tried by hand where nothing reads them`() throws {
        let config = try parse(Self.fetch)
        #expect(try config.clean.sampleRate == 16000)
        #expect(try config.stage(named: "featurize").inputs == ["clean"])
    }

    @Test func `a stage that is not there ends with the list of those that are`() throws {
        let config = try parse(smallest)
        let fault = #expect(throws: Fault.self) { try config.stage(named: "infre") }
        #expect(fault?.kind == .usage)
        #expect(
            fault?.message
                == "pipeline \"digits\" has no stage \"infre\"; its stages are fetch, clean, featurize, infer, store; "
                + "did you mean \"infer\"?")
    }

    @Test(arguments: [
        (
            "[featurise]\nkind = \"waveform\"",
            "6: featurise is not a known section; did you mean [featurize]? (a stage beyond the five declares itself: "
                + "tool = \"infer\")"
        ),
        (
            "[alerting]\nto = \"x\"",
            "6: alerting is not a known section (a stage beyond the five declares itself: "
                + "tool = \"infer\")"
        ),
        (
            "[again]\ntool = \"infr\"",
            "7: again.tool must be one of fetch, clean, featurize, infer, store, not \"infr\""
        ),
        ("[clean]\ntool = \"infer\"", "7: clean.tool must be \"clean\": the stage of this name is always run by it"),
        (
            "[fields]\ntool = \"infer\"\nmodel = \"a@1\"",
            "6: fields cannot be a stage's name: it must be up to 64 of a-z, 0-9, _ and -, starting with a letter, and "
                + "not one of id, fields, reason, message, filled, alerts, egress, current"
        ),
        ("[again]\ntool = \"infer\"", "6: again.model is missing: it must be NAME@VERSION or NAME@ALIAS"),
        ("[store]\ninput = [\"infer\", \"infer\"]", "7: store.input names \"infer\" twice"),
        (
            "[store]\ninput = [\"translate\"]",
            "7: store.input is \"translate\", which is not a stage of this pipeline; "
                + "it can read infer"
        ),
        (
            "[store]\ninput = \"infre\"",
            "7: store.input is \"infre\", which is not a stage of this pipeline; "
                + "did you mean \"infer\"?"
        ),
        (
            "[store]\ninput = \"clean\"",
            "7: store.input is \"clean\", a stage of clean, which store cannot read; "
                + "it can read infer"
        ),
        (
            "[clean]\ninput = \"infer\"",
            "7: clean.input is \"infer\", a stage of infer, which clean cannot read; "
                + "it can read fetch"
        ),
        (
            "[featurize]\ninput = [\"clean\", \"clean\"]",
            "7: featurize.input must be one stage; only store reads several"
        ),
        (
            "[a]\ntool = \"infer\"\nmodel = \"a@1\"\ninput = \"a\"",
            "9: a.input is the stage itself; it can read clean, "
                + "featurize, infer"
        ),
        (
            "[a]\ntool = \"infer\"\nmodel = \"a@1\"\ninput = \"b\"\n[b]\ntool = \"infer\"\nmodel = \"a@1\"\ninput = \"a\"\n"
                + "[store]\ninput = [\"a\", \"infer\"]",
            "9: a.input forms a circle: a, b wait for each other"
        ),
    ])
    func `stages that cannot be are refused`(text: String, expected: String) {
        let found = message(about: text)
        #expect(found == "pipeline.toml:" + expected)
    }

    @Test func `a default stage that is read and has required keys must be declared`() {
        #expect(
            messageOfFault { try parse("format = 1\n[clean]\n") }
                == "pipeline.toml:2: clean.input is \"fetch\", which is not a stage of this pipeline: add a section [fetch]"
        )
        let text = Self.fetch + "[transcribe]\ntool = \"infer\"\nmodel = \"a@1\""
        #expect(
            messageOfFault { try parse(text) }
                == "pipeline.toml: store.input is \"infer\", which is not a stage of this pipeline: add a section [infer]; "
                + "it can read transcribe")
    }
}
