# Every other region of the account, once each. README.md, two folders up, says how.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
}

resource "aws_cloudwatch_event_rule" "events" {
  region        = var.region
  name          = "${var.prefix}-events"
  description   = "Calls by the service users, and changes of IAM users"
  state         = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  event_pattern = jsonencode(local.event_pattern)
}

resource "aws_cloudwatch_event_target" "home" {
  region    = var.region
  rule      = aws_cloudwatch_event_rule.events.name
  target_id = "home"
  arn       = local.bus_arn
  role_arn  = aws_iam_role.forward.arn
}

# Roles are global, so the region is part of the name.
resource "aws_iam_role" "forward" {
  name               = "${var.prefix}-forward-${var.region}"
  description        = "Lets the rule of one region forward events to the home region"
  assume_role_policy = jsonencode(local.trust_policy)
}

resource "aws_iam_role_policy" "forward" {
  name   = "forward"
  role   = aws_iam_role.forward.id
  policy = jsonencode(local.role_policy)
}
