# A program fills this file in: `default` is the first line of each variable, alone, as `  default = VALUE` with any
# number of spaces. Keep it so.

variable "prefix" {
  default     = "ops-activity"
  type        = string
  description = "Begins the name of everything made here. Choose your own, and keep it unguessable."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.prefix))
    error_message = "3 to 30 small letters, digits and dashes, beginning with a letter."
  }
}

variable "iam_path" {
  default     = "/svc/batch/"
  type        = string
  description = "The path below which the users live. Nothing else may use it."
  validation {
    condition     = can(regex("^/([A-Za-z0-9._-]+/)+$", var.iam_path)) && length(var.iam_path) <= 128
    error_message = "Begins and ends with a slash, with something in between, such as /svc/batch/."
  }
}

variable "trusted_principal_arn" {
  default     = ""
  type        = string
  description = "Who may assume the role - the ARN of the operations service's own role or user. Required."
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[!-~]+)$", var.trusted_principal_arn))
    error_message = "Required: the ARN of an IAM role or user."
  }
}

variable "external_id" {
  default     = ""
  type        = string
  description = "What the service has to say when it assumes the role. Required."
  validation {
    # Terraform's patterns repeat a thing 1,000 times at most.
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "Required: 2 to 1,224 letters, digits and +=,.@:/_-."
  }
}

variable "create_trail" {
  default     = true
  type        = bool
  description = "false where the organisation's trail already records this account."
}

variable "data_events" {
  default     = "none"
  type        = string
  description = "Which data events of these users the new trail records. Others' data events are never recorded."
  validation {
    condition     = contains(["none", "s3", "wide"], var.data_events)
    error_message = "One of none, s3 and wide."
  }
}

variable "log_retention_days" {
  default     = 365
  type        = number
  description = "How long the new bucket keeps log files."
  validation {
    condition     = var.log_retention_days >= 31 && var.log_retention_days <= 3650
    error_message = "31 to 3,650 days."
  }
}

variable "existing_trail_name" {
  default     = ""
  type        = string
  description = "Without a new trail - the name or ARN of the one that records this account."
  validation {
    condition     = can(regex("^[A-Za-z0-9._:/-]*$", var.existing_trail_name))
    error_message = "The name or ARN of a trail."
  }
  validation {
    condition     = var.create_trail == (var.existing_trail_name == "")
    error_message = "Required where no trail is created, and empty where one is."
  }
}

variable "existing_trail_bucket" {
  default     = ""
  type        = string
  description = "Without a new trail - the bucket of the existing one, if its files may be read."
  validation {
    condition     = can(regex("^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_trail_bucket))
    error_message = "The name of a bucket."
  }
  validation {
    condition     = !var.create_trail || var.existing_trail_bucket == ""
    error_message = "Set create_trail to false to use an existing trail."
  }
}

variable "existing_trail_bucket_account" {
  default     = ""
  type        = string
  description = "The account of that bucket, if it is another."
  validation {
    condition     = can(regex("^$|^[0-9]{12}$", var.existing_trail_bucket_account))
    error_message = "Twelve digits."
  }
}

variable "existing_trail_topic_arn" {
  default     = ""
  type        = string
  description = "The SNS topic of the existing trail, where the bucket cannot notify the queue itself."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.existing_trail_topic_arn))
    error_message = "The ARN of an SNS topic."
  }
}

variable "existing_trail_key_arn" {
  default     = ""
  type        = string
  description = "The KMS key of the existing bucket, if it has one."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.existing_trail_key_arn))
    error_message = "The ARN of a KMS key."
  }
}

variable "notify_topic_arn" {
  default     = ""
  type        = string
  description = "An SNS topic that the service may publish its notices to, if any."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.notify_topic_arn))
    error_message = "The ARN of an SNS topic."
  }
}

variable "notify_queue_arn" {
  default     = ""
  type        = string
  description = "An SQS queue that the service may publish its notices to, if any."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.notify_queue_arn))
    error_message = "The ARN of an SQS queue."
  }
}

variable "notify_bus_arn" {
  default     = ""
  type        = string
  description = "An event bus that the service may publish its notices to, if any."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]+$", var.notify_bus_arn))
    error_message = "The ARN of an event bus."
  }
}

variable "notify_key_arn" {
  default     = ""
  type        = string
  description = "The KMS key of that topic or queue, if it has one of its own."
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.notify_key_arn))
    error_message = "The ARN of a KMS key."
  }
}
