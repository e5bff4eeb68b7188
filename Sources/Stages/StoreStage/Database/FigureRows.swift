package import JSON

/// What a load writes besides its rows: the figures of the runs, the counts, and the pipeline itself.
package struct LoadFigures: Sendable {
    package var runs: [RunRow]
    package var labels: [LabelCountRow]
    package var quality: [QualityCountRow]
    package var pipeline: PipelineRow?

    package init(
        runs: [RunRow] = [], labels: [LabelCountRow] = [], quality: [QualityCountRow] = [],
        pipeline: PipelineRow? = nil
    ) {
        self.runs = runs
        self.labels = labels
        self.quality = quality
        self.pipeline = pipeline
    }
}

/// A row of `label_counts`: how often a stage gave a label to the items of a group.
package struct LabelCountRow: Sendable, Equatable {
    package var stage: String
    package var version: String
    /// The two parts of the model's name; empty if the ledger does not name one.
    package var model: String
    package var modelVersion: String
    /// The field by which the items are grouped, and its value; both empty for all items.
    package var field: String
    package var value: String
    /// The label; empty for items without one.
    package var label: String
    package var items: Int
    /// Sum of the scores of the items that have one.
    package var scoreSum: Double
    /// How many of them are in each twentieth from 0 to 1; values outside are counted in the first or the last.
    package var scoreBins: [Int]

    package static let binCount = 20

    /// The bin of a score.
    package static func bin(of score: Double) -> Int {
        // Compared before conversion to an integer, which would trap for a huge number or NaN.
        score >= 1 ? binCount - 1 : score > 0 ? Int(score * Double(binCount)) : 0
    }

    package init(
        stage: String, version: String, model: String = "", modelVersion: String = "", field: String = "",
        value: String = "", label: String, items: Int = 0, scoreSum: Double = 0,
        scoreBins: [Int] = Array(repeating: 0, count: LabelCountRow.binCount)
    ) {
        self.stage = stage
        self.version = version
        self.model = model
        self.modelVersion = modelVersion
        self.field = field
        self.value = value
        self.label = label
        self.items = items
        self.scoreSum = scoreSum
        self.scoreBins = scoreBins
    }
}

/// A row of `quality_counts`: what `clean` measured of the items of a group.
package struct QualityCountRow: Sendable, Equatable {
    /// The stage that measured, and its version.
    package var stage: String
    package var version: String
    /// As in ``LabelCountRow``.
    package var field: String
    package var value: String
    /// `snr_db`, or `filled.gain_db`, which is 1 if the field was filled and 0 if not.
    package var figure: String
    /// Items that have the figure.
    package var items: Int
    package var sum: Double
    package var minimum: Double
    package var maximum: Double

    package init(
        stage: String, version: String, field: String = "", value: String = "", figure: String, items: Int,
        sum: Double, minimum: Double, maximum: Double
    ) {
        self.stage = stage
        self.version = version
        self.field = field
        self.value = value
        self.figure = figure
        self.items = items
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// A row of `pipelines`: the parts of a pipeline's configuration needed to display its results.
package struct PipelineRow: Sendable, Equatable {
    package var description: String?
    /// When results are due, `06:00`, in which time zone, and how many days after the day that names a batch; `nil`
    /// without a schedule.
    package var due: String?
    package var timezone: String?
    package var daysBack: Int?
    /// The stages, each after those it reads: `{"stage", "tool", "inputs"}`.
    package var stages: JSON

    package init(description: String?, due: String?, timezone: String?, daysBack: Int?, stages: JSON) {
        self.description = description
        self.due = due
        self.timezone = timezone
        self.daysBack = daysBack
        self.stages = stages
    }
}
