# Every document that AWS is handed, of nothing but the variables and local.partition, local.account and local.region:
# so they can be worked out, and compared with CloudFormation's, without a provider.

locals {
  user_arns = "arn:${local.partition}:iam::${local.account}:user${var.iam_path}"

  bucket_name    = var.create_trail ? "${var.prefix}-${local.account}-${local.region}" : var.existing_trail_bucket
  bucket_account = var.create_trail || var.existing_trail_bucket_account == "" ? local.account : var.existing_trail_bucket_account
  bucket_arn     = "arn:${local.partition}:s3:::${local.bucket_name}"
  topic_arn      = var.create_trail ? "" : var.existing_trail_topic_arn
  key_arn        = var.create_trail || var.existing_trail_bucket == "" ? "" : var.existing_trail_key_arn
  trail_arn      = "arn:${local.partition}:cloudtrail:${local.region}:${local.account}:trail/${var.prefix}-trail"
  rule_arn       = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.prefix}-events"
  queue_arns = {
    for queue in ["events", "events-dlq", "files", "files-dlq"] :
    queue => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.prefix}-${queue}"
  }

  # Calls by such a user, calls in a session that such a user made, and changes of users. The last are of all users,
  # because such a call gives the user's name without its path.
  event_pattern = {
    detail-type = [{ suffix = " via CloudTrail" }]
    "$or" = [
      { detail = { userIdentity = { arn = [{ prefix = local.user_arns }] } } },
      { detail = { userIdentity = { sessionContext = { sessionIssuer = { arn = [{ prefix = local.user_arns }] } } } } },
      {
        source = ["aws.iam"]
        detail = {
          eventName = [
            "AddUserToGroup",
            "AttachUserPolicy",
            "CreateAccessKey",
            "CreateLoginProfile",
            "CreateServiceSpecificCredential",
            "DeactivateMFADevice",
            "DeleteAccessKey",
            "DeleteLoginProfile",
            "DeleteUser",
            "DeleteUserPermissionsBoundary",
            "DeleteUserPolicy",
            "DetachUserPolicy",
            "EnableMFADevice",
            "PutUserPermissionsBoundary",
            "PutUserPolicy",
            "RemoveUserFromGroup",
            "ResetServiceSpecificCredential",
            "TagUser",
            "UntagUser",
            "UpdateAccessKey",
            "UpdateLoginProfile",
            "UpdateUser",
            "UploadSSHPublicKey",
            "UploadSigningCertificate",
          ]
          requestParameters = { userName = [{ exists = true }] }
        }
      },
    ]
  }

  events_queue_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FromTheRule"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arns["events"]
      Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
    }]
  }

  files_queue_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [for arn in local.bucket_name == "" ? [] : [local.bucket_arn] : {
        Sid       = "FromTheBucket"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arns["files"]
        Condition = {
          ArnEquals    = { "aws:SourceArn" = arn }
          StringEquals = { "aws:SourceAccount" = local.bucket_account }
        }
      }],
      [for arn in local.topic_arn == "" ? [] : [local.topic_arn] : {
        Sid       = "FromTheTopic"
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arns["files"]
        Condition = { ArnEquals = { "aws:SourceArn" = arn } }
      }],
    )
  }

  bucket_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TrailLooks"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = local.bucket_arn
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
      {
        Sid       = "TrailWrites"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/AWSLogs/${local.account}/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = local.trail_arn
            "s3:x-amz-acl"  = "bucket-owner-full-control"
          }
        }
      },
      {
        Sid       = "OnlyEncrypted"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  }

  # Data events of these users alone: what others do with data is neither recorded nor paid for.
  data_types = {
    none = []
    s3   = ["AWS::S3::Object"]
    wide = [
      "AWS::S3::Object",
      "AWS::S3::AccessPoint",
      "AWS::Lambda::Function",
      "AWS::DynamoDB::Table",
      "AWS::SNS::Topic",
      "AWS::SNS::PlatformEndpoint",
      "AWS::SQS::Queue",
      "AWS::EC2::Snapshot",
    ]
  }
  data_names = {
    "AWS::S3::Object"            = "objects"
    "AWS::S3::AccessPoint"       = "access points"
    "AWS::Lambda::Function"      = "functions"
    "AWS::DynamoDB::Table"       = "tables"
    "AWS::SNS::Topic"            = "topics"
    "AWS::SNS::PlatformEndpoint" = "endpoints"
    "AWS::SQS::Queue"            = "queues"
    "AWS::EC2::Snapshot"         = "snapshots"
  }
  event_selectors = concat(
    [{
      Name           = "management"
      FieldSelectors = [{ Field = "eventCategory", Equals = ["Management"], StartsWith = null }]
    }],
    [for type in local.data_types[var.data_events] : {
      Name = local.data_names[type]
      FieldSelectors = [
        { Field = "eventCategory", Equals = ["Data"], StartsWith = null },
        { Field = "resources.type", Equals = [type], StartsWith = null },
        { Field = "userIdentity.arn", Equals = null, StartsWith = [local.user_arns] },
      ]
    }],
  )

  trust_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.trusted_principal_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  }

  # What the operations service may do, and nothing else.
  role_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "KeepUsers"
          Effect = "Allow"
          Action = [
            "iam:CreateAccessKey",
            "iam:CreateUser",
            "iam:DeleteAccessKey",
            "iam:DeleteUser",
            "iam:DeleteUserPolicy",
            "iam:DetachUserPolicy",
            "iam:GetAccessKeyLastUsed",
            "iam:GetUser",
            "iam:ListAccessKeys",
            "iam:ListAttachedUserPolicies",
            "iam:ListUserPolicies",
            "iam:PutUserPolicy",
            "iam:TagUser",
            "iam:UpdateAccessKey",
          ]
          Resource = "${local.user_arns}*"
        },
        {
          # These know no resources.
          Sid    = "CountUsers"
          Effect = "Allow"
          Action = [
            "iam:GenerateCredentialReport",
            "iam:GetAccountSummary",
            "iam:GetCredentialReport",
          ]
          Resource = "*"
        },
        {
          Sid    = "ReceiveMessages"
          Effect = "Allow"
          Action = [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
          ]
          Resource = [local.queue_arns["events"], local.queue_arns["files"]]
        },
        {
          Sid      = "CountDeadLetters"
          Effect   = "Allow"
          Action   = "sqs:GetQueueAttributes"
          Resource = [local.queue_arns["events-dlq"], local.queue_arns["files-dlq"]]
        },
      ],
      [for arn in local.bucket_name == "" ? [] : [local.bucket_arn] : {
        Sid      = "ListFiles"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = arn
      }],
      [for arn in local.bucket_name == "" ? [] : [local.bucket_arn] : {
        Sid      = "ReadFiles"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${arn}/*"
      }],
      [for arn in local.key_arn == "" ? [] : [local.key_arn] : {
        Sid      = "DecryptFiles"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = arn
      }],
      [for arn in local.topic_arn == "" ? [] : [local.topic_arn] : {
        Sid      = "ConfirmTopic"
        Effect   = "Allow"
        Action   = "sns:ConfirmSubscription"
        Resource = arn
      }],
      [for arn in var.notify_topic_arn == "" ? [] : [var.notify_topic_arn] : {
        Sid      = "NotifyTopic"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = arn
      }],
      [for arn in var.notify_queue_arn == "" ? [] : [var.notify_queue_arn] : {
        Sid      = "NotifyQueue"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = arn
      }],
      [for arn in var.notify_bus_arn == "" ? [] : [var.notify_bus_arn] : {
        Sid      = "NotifyBus"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = arn
      }],
      [for arn in var.notify_key_arn == "" ? [] : [var.notify_key_arn] : {
        Sid      = "NotifyKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = arn
      }],
      [
        {
          Sid      = "CheckTrail"
          Effect   = "Allow"
          Action   = ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"]
          Resource = var.create_trail ? "arn:${local.partition}:cloudtrail:*:${local.account}:trail/${var.prefix}-trail" : "arn:${local.partition}:cloudtrail:*:*:trail/*"
        },
        {
          Sid      = "FollowRules"
          Effect   = "Allow"
          Action   = "events:ListTargetsByRule"
          Resource = "arn:${local.partition}:events:*:${local.account}:rule/*"
        },
        {
          # These know no resources.
          Sid      = "FindTrailAndRule"
          Effect   = "Allow"
          Action   = ["cloudtrail:DescribeTrails", "events:ListRules"]
          Resource = "*"
        },
      ],
    )
  }
}
