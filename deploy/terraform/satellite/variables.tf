# A program fills this file in: `default` is the first line of each variable, alone, as `  default = VALUE` with any
# number of spaces. Keep it so.

variable "prefix" {
  default     = "ops-activity"
  type        = string
  description = "The same as in the home region."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.prefix))
    error_message = "3 to 30 small letters, digits and dashes, beginning with a letter."
  }
}

variable "iam_path" {
  default     = "/svc/batch/"
  type        = string
  description = "The same as in the home region."
  validation {
    condition     = can(regex("^/([A-Za-z0-9._-]+/)+$", var.iam_path)) && length(var.iam_path) <= 128
    error_message = "Begins and ends with a slash, with something in between, such as /svc/batch/."
  }
}

variable "home_region" {
  default     = ""
  type        = string
  description = "The region of the home module, as its output home_region says. Required."
  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", var.home_region))
    error_message = "Required: a region such as eu-central-1."
  }
}

variable "region" {
  default     = ""
  type        = string
  description = "The region to hear, another than the home region. Required."
  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "Required: a region such as us-east-1."
  }
  validation {
    condition     = var.region != var.home_region
    error_message = "The home region needs no satellite, its own rule hears it."
  }
}
