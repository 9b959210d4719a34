-- Answers to what people ask for go to their devices, the newest first.
CREATE INDEX access_requests_by_answer ON access_requests (decided_at);
