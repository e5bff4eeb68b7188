internal import JSON

/// JSON Schemas of the answers, by name.
enum OpenAPISchemas {
    /// The schemas.
    static let all: JSON = {
        do {
            return try JSON(parsing: text)
        } catch {
            // A mistake in this file: no test passes with it.
            preconditionFailure("OpenAPISchemas is not JSON: \(error)")
        }
    }()

    private static let text = #"""
        {
          "Problem": {
            "type": "object", "required": ["type", "title", "status", "detail"],
            "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}}
          },
          "Login": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}},
          "Health": {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}},
          "Description": {"type": "object", "required": ["openapi", "paths"]},
          "Time": {"type": "string", "format": "date-time"},
          "MaybeTime": {"type": ["string", "null"], "format": "date-time"},
          "Next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
          "Me": {
            "type": "object", "required": ["name", "role", "root", "audio", "version", "database"],
            "properties": {
              "name": {"type": "string"}, "role": {"enum": ["viewer", "engineer"]}, "root": {"type": "boolean"},
              "audio": {"type": "boolean"}, "version": {"type": "string"}, "database": {"enum": ["postgresql", "sqlite"]}
            }
          },
          "Stage": {
            "type": "object", "required": ["stage", "version", "status", "items", "rejected", "is_stale", "summary"],
            "properties": {
              "stage": {"type": "string"}, "tool": {"type": ["string", "null"]}, "version": {"type": ["string", "null"]},
              "status": {"type": "string"}, "items": {"type": ["integer", "null"]}, "rejected": {"type": ["integer", "null"]},
              "seconds": {"type": ["number", "null"]}, "peak_memory_bytes": {"type": ["integer", "null"]},
              "memory_limit_bytes": {"type": ["integer", "null"], "description": "The lowest memory limit of the stage, the machine's memory included; null if unknown."},
              "bytes_in": {"type": ["integer", "null"]}, "bytes_out": {"type": ["integer", "null"]},
              "started_at": {"$ref": "#/components/schemas/MaybeTime"}, "finished_at": {"$ref": "#/components/schemas/MaybeTime"},
              "fingerprint": {"type": ["string", "null"]}, "is_stale": {"type": "boolean"}, "summary": {"type": ["object", "null"]},
              "pinned": {"type": ["string", "null"], "description": "The version that was pinned as the accepted one."},
              "loaded": {
                "type": ["object", "null"], "required": ["version", "items", "rejected", "model"],
                "description": "The version of the results, with its figures, if the stage's newest run is a different one."
              }
            }
          },
          "Batch": {
            "type": "object", "required": ["pipeline", "batch", "state", "stages"],
            "properties": {
              "pipeline": {"type": "string"}, "batch": {"type": "string"},
              "state": {"enum": ["sealed", "held_back", "failed", "running", "missing", "stale"]},
              "model": {"type": ["string", "null"]}, "items": {"type": ["integer", "null"]}, "rejected": {"type": ["integer", "null"]},
              "seconds": {"type": ["number", "null"]}, "audio_seconds": {"type": ["number", "null"]},
              "finished_at": {"$ref": "#/components/schemas/MaybeTime"},
              "stages": {"type": "array", "items": {"$ref": "#/components/schemas/Stage"}}
            }
          },
          "Pipelines": {
            "type": "object", "required": ["now", "pipelines"],
            "properties": {
              "now": {"$ref": "#/components/schemas/Time"},
              "pipelines": {"type": "array", "items": {
                "type": "object", "required": ["pipeline", "state", "reasons", "latest", "shown", "is_current"],
                "properties": {
                  "pipeline": {"type": "string"}, "description": {"type": ["string", "null"]}, "due": {"type": ["string", "null"]},
                  "timezone": {"type": ["string", "null"]}, "expected_batch": {"type": ["string", "null"]},
                  "next_due": {"$ref": "#/components/schemas/MaybeTime"}, "state": {"enum": ["green", "amber", "red"]},
                  "reasons": {"type": "array", "items": {"type": "string"}},
                  "latest": {"anyOf": [{"$ref": "#/components/schemas/Batch"}, {"type": "null"}]},
                  "shown": {"anyOf": [{"$ref": "#/components/schemas/Batch"}, {"type": "null"}]}, "is_current": {"type": "boolean"}
                }
              }}
            }
          },
          "Batches": {
            "type": "object", "required": ["batches", "next"],
            "properties": {"batches": {"type": "array", "items": {"$ref": "#/components/schemas/Batch"}}, "next": {"$ref": "#/components/schemas/Next"}}
          },
          "Prediction": {
            "type": "object", "required": ["pipeline", "batch", "stage", "version", "item", "model", "model_version", "label", "score", "output", "fields", "recorded_at"],
            "properties": {
              "pipeline": {"type": "string"}, "batch": {"type": "string"}, "stage": {"type": "string"}, "version": {"type": "string"},
              "item": {"type": "string"}, "model": {"type": ["string", "null"]}, "model_version": {"type": ["string", "null"]},
              "label": {"type": ["string", "null"]}, "score": {"type": ["number", "null"]}, "output": {"type": ["object", "null"]},
              "fields": {"type": ["object", "null"]}, "recorded_at": {"$ref": "#/components/schemas/MaybeTime"}
            }
          },
          "Predictions": {
            "type": "object", "required": ["predictions", "next"],
            "properties": {"predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}}, "next": {"$ref": "#/components/schemas/Next"}}
          },
          "Labels": {
            "type": "object", "required": ["batches"],
            "properties": {"batches": {"type": "array", "items": {
              "type": "object", "required": ["batch", "stage", "model", "value", "labels"],
              "properties": {
                "batch": {"type": "string"}, "stage": {"type": "string"}, "model": {"type": ["string", "null"]}, "value": {"type": "string"},
                "labels": {"type": "array", "items": {
                  "type": "object", "required": ["label", "items", "mean_score"],
                  "properties": {"label": {"type": "string"}, "items": {"type": "integer"}, "mean_score": {"type": ["number", "null"]}}
                }}
              }
            }}}
          },
          "Scores": {
            "type": "object", "required": ["edges", "batches"],
            "properties": {
              "edges": {"type": "array", "items": {"type": "number"}},
              "batches": {"type": "array", "items": {
                "type": "object", "required": ["batch", "stage", "model", "counts"],
                "properties": {
                  "batch": {"type": "string"}, "stage": {"type": "string"}, "model": {"type": ["string", "null"]},
                  "counts": {"type": "array", "items": {"type": "integer"}}
                }
              }}
            }
          },
          "Rejections": {
            "type": "object", "required": ["batches"],
            "properties": {"batches": {"type": "array", "items": {
              "type": "object", "required": ["batch", "stage", "reason", "items"],
              "properties": {"batch": {"type": "string"}, "stage": {"type": "string"}, "reason": {"type": "string"}, "items": {"type": "integer"}}
            }}}
          },
          "Rejection": {
            "type": "object", "required": ["pipeline", "batch", "stage", "version", "item", "reason", "message"],
            "properties": {
              "pipeline": {"type": "string"}, "batch": {"type": "string"}, "stage": {"type": "string"}, "version": {"type": "string"},
              "item": {"type": "string"}, "reason": {"type": "string"}, "message": {"type": ["string", "null"]}
            }
          },
          "RejectedItems": {
            "type": "object", "required": ["rejections", "next"],
            "properties": {"rejections": {"type": "array", "items": {"$ref": "#/components/schemas/Rejection"}}, "next": {"$ref": "#/components/schemas/Next"}}
          },
          "Quality": {
            "type": "object", "required": ["batches"],
            "properties": {"batches": {"type": "array", "items": {
              "type": "object", "required": ["batch", "value", "figure", "items", "mean", "minimum", "maximum"],
              "properties": {
                "batch": {"type": "string"}, "value": {"type": "string"}, "figure": {"type": "string"}, "items": {"type": "integer"},
                "mean": {"type": ["number", "null"]}, "minimum": {"type": ["number", "null"]}, "maximum": {"type": ["number", "null"]}
              }
            }}}
          },
          "Alerts": {
            "type": "object", "required": ["alerts", "next"],
            "properties": {
              "alerts": {"type": "array", "items": {
                "type": "object", "required": ["id", "pipeline", "batch", "stage", "severity", "reason", "message", "raised_at"],
                "properties": {
                  "id": {"type": ["string", "integer"]}, "pipeline": {"type": "string"}, "batch": {"type": ["string", "null"]},
                  "stage": {"type": ["string", "null"]}, "version": {"type": ["string", "null"]}, "severity": {"type": "string"},
                  "reason": {"type": "string"}, "message": {"type": "string"}, "detail": {"type": ["object", "null"]},
                  "raised_at": {"$ref": "#/components/schemas/Time"}
                }
              }},
              "next": {"$ref": "#/components/schemas/Next"}
            }
          },
          "Item": {
            "type": "object", "required": ["predictions", "rejections", "ledger", "ledger_missing", "lineage"],
            "properties": {
              "predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
              "rejections": {"type": "array", "items": {"$ref": "#/components/schemas/Rejection"}},
              "ledger": {"type": ["object", "null"]}, "ledger_missing": {"type": ["string", "null"]},
              "lineage": {"type": "array", "items": {
                "type": "object", "required": ["stage", "version"],
                "properties": {
                  "stage": {"type": "string"}, "version": {"type": "string"}, "fingerprint": {"type": ["string", "null"]},
                  "tool": {"type": ["string", "null"]}, "model": {"type": ["string", "null"]},
                  "started_at": {"$ref": "#/components/schemas/MaybeTime"}
                }
              }}
            }
          },
          "Waveform": {
            "type": "object", "required": ["seconds", "sample_rate", "minimum", "maximum"],
            "properties": {
              "seconds": {"type": "number"}, "sample_rate": {"type": "integer"},
              "minimum": {"type": "array", "items": {"type": "number"}}, "maximum": {"type": "array", "items": {"type": "number"}}
            }
          },
          "Spectrogram": {
            "type": "object", "required": ["seconds", "frames", "bands", "values"],
            "properties": {
              "seconds": {"type": "number"}, "frames": {"type": "integer"}, "bands": {"type": "integer"},
              "values": {"type": "array", "items": {"type": "array", "items": {"type": ["number", "null"]}}}
            }
          },
          "Versions": {
            "type": "object", "required": ["versions"],
            "properties": {"versions": {"type": "array", "items": {
              "type": "object", "required": ["stage", "version", "state"],
              "properties": {
                "stage": {"type": "string"}, "version": {"type": "string"}, "state": {"type": "string"},
                "fingerprint": {"type": ["string", "null"]}, "started_at": {"$ref": "#/components/schemas/MaybeTime"},
                "config": {"type": ["object", "null"]}
              }
            }}}
          },
          "Difference": {
            "type": "object", "required": ["changes"],
            "properties": {"changes": {"type": "array", "items": {
              "type": "object", "required": ["key", "a", "b"], "properties": {"key": {"type": "string"}}
            }}}
          }
        }
        """#
}
