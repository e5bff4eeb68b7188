internal import JSON
internal import PipelineConfig
internal import Time

extension PipelineRow {
    /// The part of a pipeline's configuration that is recorded.
    init(_ pipeline: PipelineConfig) {
        let schedule = pipeline.schedule
        self.init(
            description: pipeline.description.map(Storable.visible), due: schedule?.dueText,
            timezone: schedule?.timezone, daysBack: schedule?.daysBack,
            stages: .array(
                pipeline.stages.map {
                    [
                        "stage": .string($0.stage), "tool": .string($0.tool),
                        "inputs": .array($0.inputs.map { .string($0) }),
                    ]
                }))
    }
}
