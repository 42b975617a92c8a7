# The home region of one account. README.md, two folders up, says how to use it. Whoever may read the state reads these
# names too, so they say nothing about what the users under iam_path are for.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
}

# The quick way: EventBridge hands over what CloudTrail records, within seconds. Not all of it, and not for certain.

resource "aws_sqs_queue" "events" {
  name                       = "${var.prefix}-events"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 60
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.events_dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "events_dead_letters" {
  name                      = "${var.prefix}-events-dlq"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.url
  policy    = jsonencode(local.events_queue_policy)
}

# On the default bus, where alone services send events; the rules of the other regions forward to this bus as well.
# The state makes read-only calls come along.
resource "aws_cloudwatch_event_rule" "events" {
  name          = "${var.prefix}-events"
  description   = "Calls by the service users, and changes of IAM users"
  state         = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  event_pattern = jsonencode(local.event_pattern)
}

resource "aws_cloudwatch_event_target" "queue" {
  rule      = aws_cloudwatch_event_rule.events.name
  target_id = "queue"
  arn       = aws_sqs_queue.events.arn
}

# The complete way: the trail's files, some minutes later, and a message for each.

resource "aws_sqs_queue" "files" {
  name                       = "${var.prefix}-files"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.files_dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "files_dead_letters" {
  name                      = "${var.prefix}-files-dlq"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "files" {
  count     = length(local.files_queue_policy.Statement) > 0 ? 1 : 0
  queue_url = aws_sqs_queue.files.url
  policy    = jsonencode(local.files_queue_policy)
}

resource "aws_sns_topic_subscription" "files" {
  count                = local.topic_arn == "" ? 0 : 1
  region               = split(":", local.topic_arn)[3]
  topic_arn            = local.topic_arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.files.arn
  raw_message_delivery = true
  depends_on           = [aws_sqs_queue_policy.files]
}

# Not emptied when it is destroyed: what it holds may be evidence.
resource "aws_s3_bucket" "trail" {
  count         = var.create_trail ? 1 : 0
  bucket        = local.bucket_name
  force_destroy = false
}

resource "aws_s3_bucket_public_access_block" "trail" {
  count                   = var.create_trail ? 1 : 0
  bucket                  = aws_s3_bucket.trail[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "trail" {
  count  = var.create_trail ? 1 : 0
  bucket = aws_s3_bucket.trail[0].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "trail" {
  count  = var.create_trail ? 1 : 0
  bucket = aws_s3_bucket.trail[0].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "trail" {
  count  = var.create_trail ? 1 : 0
  bucket = aws_s3_bucket.trail[0].id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = var.log_retention_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_notification" "trail" {
  count  = var.create_trail ? 1 : 0
  bucket = aws_s3_bucket.trail[0].id
  queue {
    queue_arn     = aws_sqs_queue.files.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "AWSLogs/"
    filter_suffix = ".json.gz"
  }
  depends_on = [aws_sqs_queue_policy.files]
}

resource "aws_s3_bucket_policy" "trail" {
  count      = var.create_trail ? 1 : 0
  bucket     = aws_s3_bucket.trail[0].id
  policy     = jsonencode(local.bucket_policy)
  depends_on = [aws_s3_bucket_public_access_block.trail]
}

resource "aws_cloudtrail" "trail" {
  count                         = var.create_trail ? 1 : 0
  name                          = "${var.prefix}-trail"
  s3_bucket_name                = aws_s3_bucket.trail[0].id
  enable_logging                = true
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  depends_on                    = [aws_s3_bucket_policy.trail]

  dynamic "advanced_event_selector" {
    for_each = local.event_selectors
    content {
      name = advanced_event_selector.value.Name
      dynamic "field_selector" {
        for_each = advanced_event_selector.value.FieldSelectors
        content {
          field       = field_selector.value.Field
          equals      = field_selector.value.Equals
          starts_with = field_selector.value.StartsWith
        }
      }
    }
  }
}

resource "aws_iam_role" "operator" {
  name               = "${var.prefix}-operator"
  description        = "Keeps the service users, and reads their recorded activity"
  assume_role_policy = jsonencode(local.trust_policy)
}

resource "aws_iam_role_policy" "operate" {
  name   = "operate"
  role   = aws_iam_role.operator.id
  policy = jsonencode(local.role_policy)
}
