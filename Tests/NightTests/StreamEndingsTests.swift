import Night
import Testing

/// Whose failure a stream's is.
@Suite struct StreamEndingsTests {
    /// Each step is what one look at the stages found.
    private func ending(_ steps: [String: Int32]...) -> StreamEndings {
        var endings = StreamEndings(stages: ["fetch", "clean", "featurize", "infer", "store"])
        for step in steps { endings.note(step) }
        return endings
    }

    @Test func allWell() {
        let well = ending(["fetch": 0], ["clean": 0, "featurize": 0], ["infer": 0, "store": 0])
        #expect(well.ending == NightReport.Ending(code: 0) && !well.hasFailed)
    }

    @Test func theFirstToFailIsToBlameNotThoseThatWereStopped() {
        let failed = ending(["infer": 78], ["fetch": 143, "clean": 75, "featurize": 143, "store": 75])
        #expect(failed.hasFailed && failed.ending == NightReport.Ending(code: 78, stage: "infer"))
    }

    @Test func aLockThatAStageMetIsTheCause() {
        #expect(
            ending(["clean": 75], ["fetch": 143, "featurize": 75]).ending
                == NightReport.Ending(code: 75, stage: "clean"))
        #expect(ending(["fetch": 75], ["clean": 75]).ending == NightReport.Ending(code: 75, stage: "fetch"))
    }

    @Test func aFollowerThatSawItsWriterDieBeforeWeDidIsNot() {
        #expect(ending(["clean": 75], ["fetch": 69]).ending == NightReport.Ending(code: 69, stage: "fetch"))
        #expect(ending(["clean": 75, "fetch": 137]).ending == NightReport.Ending(code: 137, stage: "fetch"))
        #expect(ending(["featurize": 10, "clean": 10]).ending == NightReport.Ending(code: 10, stage: "clean"))
    }

    @Test func aStageThatASignalStoppedIsNoFailure() {
        let stopped = ending(["fetch": 143])
        #expect(!stopped.hasFailed && stopped.ending == NightReport.Ending(code: 143, stage: "fetch"))
        #expect(ending(["fetch": 143], ["clean": 0]).ending == NightReport.Ending(code: 143, stage: "fetch"))
        // It died of it, and its follower could not go on.
        #expect(ending(["fetch": 143], ["clean": 75]).ending == NightReport.Ending(code: 143, stage: "fetch"))
        #expect(ending(["fetch": 143], ["clean": 69]).ending == NightReport.Ending(code: 69, stage: "clean"))
    }
}
