// The tables of a run report, one maker each.
#pragma once

#include "report/run_report.h"

namespace pdr {

// What did not come back, and how that is known.
ReportTable LossTable(const RunRecord& record);
// The same summed by what was lost, and by stream.
ReportTable LossTotalTable(const RunRecord& record);
ReportTable StreamLossTable(const RunRecord& record);
// What was not as a clean shutdown leaves it, and what was done about it.
ReportTable AnomalyTable(const RunRecord& record);
ReportTable AnomalyTotalTable(const RunRecord& record);
ReportTable ContainerTable(const RunRecord& record);
ReportTable PhaseTable(const RunRecord& record);
// Where every original and every new file is.
ReportTable FileTable(const RunRecord& record);
ReportTable SegmentTable(const RunRecord& record);

}  // namespace pdr
