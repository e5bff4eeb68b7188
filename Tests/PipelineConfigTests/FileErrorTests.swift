import Fault
import Foundation
import PipelineConfig
import TestKit
import Testing

/// Errors of a whole file, and of arguments.
struct FileErrorTests {
    @Test(arguments: [
        ("", ": format is missing; write format = 1 as the first line"),
        ("format = 2\nwhatever = 1", ":1: format 2 is not known; this build reads format 1"),
        ("format = \"1\"", ":1: format must be the number 1, not \"1\""),
        ("format = 1", ": there are no stages; write at least [fetch]"),
        ("format = 1\n[fetch\n", ":2:7: not TOML: error while parsing table header: expected ']', saw '\\n'"),
        ("format = 1\nformat = 1\n", ":2:10: not TOML: "),
        ("format = 1\nsource = \"x\"", ":2: source is not a known key: it belongs to [fetch]"),
        ("format = 1\ndescription = 1", ":2: description must be a string, not 1"),
        ("format = 1\nfetch = 1", ":2: fetch must be a table, not 1"),
        ("format = 1\nschedule = 1", ":2: schedule must be a table, not 1"),
    ])
    func `a file that is no pipeline is refused`(text: String, expected: String) {
        let message = messageOfFault { try parse(text) }
        #expect(
            expected.hasSuffix(" ")
                ? message.hasPrefix("pipeline.toml" + expected) : message == "pipeline.toml" + expected)
    }

    @Test(arguments: [
        ("infer", "--set infer: there is no value; write --set KEY=VALUE"),
        ("=3", "--set : this is not a key; write it as infer.max_batch_items"),
        ("infer.=3", "--set infer.: this is not a key; write it as infer.max_batch_items"),
        ("a b=3", "--set a b: this is not a key; write it as infer.max_batch_items"),
        (
            "infer.max_batch_item=8",
            "--set infer.max_batch_item is not a known key; did you mean infer.max_batch_items?"
        ),
        ("infer.max_batch_items=0", "--set infer.max_batch_items must be an integer from 1 to 65536, not 0"),
        ("infer.max_batch_items=", "--set infer.max_batch_items must be an integer from 1 to 65536, not \"\""),
        (
            "infr.model=x",
            "--set infr.model: infr is not a known section; did you mean [infer]? "
                + "(a stage beyond the five declares itself: tool = \"infer\")"
        ),
        ("infer.model.x=3", "--set infer.model.x: infer.model is not a table, so it has no keys"),
        ("clean=3", "--set clean must be a table, not 3"),
        ("infer.device=3", "--set infer.device must be \"auto\", \"cpu\", \"cuda\" or \"cuda:N\", not \"3\""),
        (
            "clean.fields.site.type=text",
            "--set clean.fields.site.type must be \"string\", \"number\", \"integer\", \"boolean\" or \"timestamp\", "
                + "not \"text\""
        ),
        ("format=2", "--set format 2 is not known; this build reads format 1"),
    ])
    func `an argument that is wrong is named`(argument: String, expected: String) {
        #expect(message(about: "", argument) == expected)
    }

    @Test func `a file that is not there says where it was looked for`() {
        let file = PipelineConfig.file(ofPipeline: "no-such-pipeline")
        let fault = #expect(throws: Fault.self) { try PipelineConfig.load(file: file) }
        #expect(fault?.kind == .missing)
        #expect(
            fault?.message
                == "no pipeline \"no-such-pipeline\": 'pipelines/no-such-pipeline/pipeline.toml' does not exist")
    }

    @Test func `files are read from disk, a byte order mark or not, and damaged ones are refused`() throws {
        let scratch = try ScratchFolder()
        let (folder, file) = (scratch["digits"], scratch["digits/pipeline.toml"])
        try scratch.write("digits/pipeline.toml", "\u{FEFF}" + smallest)
        let config = try PipelineConfig.load(file: file, overrides: ["infer.model=digits@4"])
        #expect(config.name == "digits")
        #expect(try config.infer.model == "digits@4")
        #expect(try PipelineConfig.load(file: file, name: "other").name == "other")
        try scratch.write("digits/pipeline.toml", Array(smallest.utf8) + [0xFF])
        #expect(
            messageOfFault { try PipelineConfig.load(file: file) }
                == "\(file) is not UTF-8 text, as TOML has to be")
        #expect(
            messageOfFault { try PipelineConfig.load(file: folder) }
                == "\(folder) is a folder, not a pipeline.toml")
        #expect(
            messageOfFault { try PipelineConfig.load(file: "/dev/zero") }
                == "/dev/zero is not a pipeline.toml: it is larger than 4 MiB")
    }
}
