# Every document that AWS is handed, of nothing but the variables, local.partition and local.account: so they can be
# worked out, and compared with CloudFormation's, without a provider.

locals {
  user_arns = "arn:${local.partition}:iam::${local.account}:user${var.iam_path}"
  bus_arn   = "arn:${local.partition}:events:${var.home_region}:${local.account}:event-bus/default"
  rule_arn  = "arn:${local.partition}:events:${var.region}:${local.account}:rule/${var.prefix}-events"

  # The same as in the home region.
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

  trust_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = local.rule_arn }
      }
    }]
  }

  role_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = local.bus_arn
    }]
  }
}
