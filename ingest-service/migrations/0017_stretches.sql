-- What is counted by segment is a stretch of time: a whole day, or one hour of a day that is not over.
alter table leadlight.segmented_days rename to segmented_stretches;
alter table leadlight.segmented_stretches rename constraint segmented_days_pkey to segmented_stretches_pkey;
alter table leadlight.segment_days rename to segment_counts;
alter index leadlight.segment_days_tenant_id_starts_grouped_by_idx rename to segment_counts_tenant_id_starts_grouped_by_idx;
